// Page/icon.svg as text: made by Page/embed.py, not to be changed here.
// swift-format-ignore-file

extension PageText {
static let iconSVG = #"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="2" fill="#1d4f91"/><path d="M3 4h10M3 12h7" stroke="#fff" stroke-width="1.5"/><path d="M3 8h10" stroke="#ffd667" stroke-width="2.5"/></svg>

"""#
}
