// What a checker without a person can find in the page that is shown: a list of complaints, empty when all is well.
// It is the value of this expression.
(() => {
  const complaints = [];
  const visible = (part) => part.checkVisibility({ visibilityProperty: true }) && part.getClientRects().length > 0;
  const describe = (part) => `<${part.localName}${part.id ? ` id=${part.id}` : ""} class="${part.className}"> “${part.textContent.trim().slice(0, 30)}”`;

  // Structure
  const one = (selector, what) => {
    const count = document.querySelectorAll(selector).length;
    if (count !== 1) complaints.push(`${count} ${what}, not one`);
  };
  one("main", "main landmarks");
  one("body > header", "banners");
  one("body > footer", "footers");
  one("h1", "headings of level 1");
  if (!document.documentElement.lang) complaints.push("the document names no language");
  if (!document.title.trim()) complaints.push("the document has no title");
  for (const part of document.querySelectorAll("nav, aside, [role=search], section")) {
    const names = (part.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
    const hasName = part.hasAttribute("aria-label") || (names.length > 0 && names.every((id) => document.getElementById(id)));
    if (part.getAttribute("role") !== "search" && !hasName) complaints.push(`a landmark without a name: ${describe(part)}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) complaints.push(`the heading level jumps from ${level} to ${next}: ${describe(heading)}`);
    level = next;
  }
  const ids = [...document.querySelectorAll("[id]")].map((part) => part.id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) complaints.push(`the id ${id} is used twice`);
  for (const label of document.querySelectorAll("label[for]")) {
    if (!document.getElementById(label.htmlFor)) complaints.push(`a label for nothing: ${describe(label)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt]), svg:not([aria-hidden]):not([role])")) complaints.push(`an image without words: ${image.outerHTML.slice(0, 60)}`);
  for (const part of document.querySelectorAll("[tabindex]")) if (part.tabIndex > 0) complaints.push(`a tab order of its own: ${describe(part)}`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) complaints.push(`the page is ${scrollWidth} px wide in a window of ${clientWidth}`);

  // Size of what is pressed: 24 px, as WCAG 2.2 asks; bars of a chart have the search box as another way.
  for (const part of document.querySelectorAll("button:not(.bar), summary, input, select, label.button, nav a")) {
    const box = part.getBoundingClientRect();
    if (!visible(part) || part.classList.contains("unseen")) continue;
    if (box.width < 24 || box.height < 24) complaints.push(`only ${Math.round(box.width)} × ${Math.round(box.height)} px: ${describe(part)}`);
  }

  // Contrast of every text with what lies behind it
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, index) => value * a + below[index] * (1 - a));
  const ground = (part) => {
    const layers = [];
    for (let at = part; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      layers.push(colour);
      if ((colour[3] ?? 1) === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (first, second) => {
    const [high, low] = [light(first), light(second)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const seen = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (texts.nextNode()) {
    const part = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || seen.has(part) || !visible(part) || part.closest(".unseen, .skip, noscript")) continue;
    seen.add(part);
    checked += 1;
    const style = getComputedStyle(part);
    const below = ground(part);
    const found = ratio(over(numbers(style.color), below), below);
    const size = Number.parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (found < least) complaints.push(`contrast ${found.toFixed(2)}, not ${least}: ${describe(part)}`);
    if (size < 12) complaints.push(`text of ${size} px: ${describe(part)}`);
  }
  if (checked < 5) complaints.push(`only ${checked} texts were seen`);
  for (const part of document.querySelectorAll("input:not(.unseen), select, button:not(.plain):not(.facet-value):not(.bar):not(.strong)")) {
    if (!visible(part)) continue;
    const found = ratio(numbers(getComputedStyle(part).borderTopColor).slice(0, 3), ground(part.parentElement));
    if (found < 3) complaints.push(`the border's contrast is ${found.toFixed(2)}, not 3: ${describe(part)}`);
  }
  return complaints;
})()
