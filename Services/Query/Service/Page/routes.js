// Addresses within the page: #/search?q=…, #/digest?q=…&by=…, #/figures?q=…, #/watches?q=…, #/collections?c=…&q=…, #/inbox,
// #/dead, #/status.

/// An address as its view's name and parameters.
export function readHash(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const parameters = {};
  for (const pair of query.split("&")) {
    const [name, value = ""] = pair.split(/=(.*)/s).map(decoded);
    if (name) parameters[name] = value;
  }
  return { view: path || "search", parameters };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/// The address of a search; what is as usual is left out.
export function searchHash({ q, sort, page }) {
  const parts = [];
  if (q) parts.push(`q=${encodeURIComponent(q)}`);
  if (sort && sort !== "relevance") parts.push(`sort=${encodeURIComponent(sort)}`);
  if (page > 1) parts.push(`page=${page}`);
  return parts.length > 0 ? `#/search?${parts.join("&")}` : "#/search";
}

/// The address of a query's hits, digest or figures; what is as usual is left out.
export function lensHash(lens, { q, by, text }) {
  if (lens === "search") return searchHash({ q: q || "*" });
  if (lens === "watches" && !q) return "#/watches";
  const parts = [`q=${encodeURIComponent(q ?? "")}`];
  if (lens === "digest" && by && by !== "department") parts.push(`by=${by}`);
  if (lens === "digest" && text && text !== "body") parts.push(`text=${text}`);
  return `#/${lens}?${parts.join("&")}`;
}

/// The address of a declared collection's records; without a collection, of the list of all.
export function collectionHash({ c, q, order, by, page }) {
  if (!c) return "#/collections";
  const parts = [`c=${encodeURIComponent(c)}`];
  for (const [name, value] of Object.entries({ q, order, by })) if (value) parts.push(`${name}=${encodeURIComponent(value)}`);
  if (page > 1) parts.push(`page=${page}`);
  return `#/collections?${parts.join("&")}`;
}
