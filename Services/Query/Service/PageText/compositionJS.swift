// Page/composition.js as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let compositionJS = #"""
// Typing Chinese: while an input method composes, Enter chooses a candidate and must not search.
//
// Three signs tell it, since browsers differ: composition events, `isComposing`, and keyCode 229. Safari ends the
// composition before it reports the Enter that ended it, with keyCode 229; so that Enter is swallowed too.

const COMPOSING_KEY_CODE = 229;

/// Whether a key press belongs to the input method.
export function belongsToComposition(event, isComposing) {
  return isComposing || event.isComposing === true || event.keyCode === COMPOSING_KEY_CODE;
}

/// Calls `enter` for an Enter, or another way to submit the form, that the reader meant for the page.
export function onEnter(form, input, enter) {
  let isComposing = false;
  input.addEventListener("compositionstart", () => { isComposing = true; });
  input.addEventListener("compositionend", () => { isComposing = false; });
  input.addEventListener("blur", () => { isComposing = false; });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.keyCode !== COMPOSING_KEY_CODE) return;
    // Without its default the key submits nothing; the input method has had it already.
    if (event.key === "Enter" && belongsToComposition(event, isComposing)) event.preventDefault();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isComposing) enter();
  });
}

"""#
}
