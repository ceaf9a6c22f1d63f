/* Adds to each hit of the search the paragraph in which its words stand. */
(() => {
  const pages = {/* pages */};  // of each, its paragraphs: the id where it stands, and its text
  const before = 60, length = 180;  // characters
  const query = new URLSearchParams(location.search).get("q") || "";
  const stemmer = new Stemmer();
  const words = splitQuery(query.toLowerCase()).map((word) => stemmer.stemWord(word));
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const found = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})[\\p{L}\\p{N}]*`, "giu");

  const hits = (text) =>
    new Set([...text.toLowerCase().matchAll(found)].map((match) => stemmer.stemWord(match[0]))).size;

  function best(page, anchor) {
    const here = pages[page].filter(([id]) => id === anchor);
    const some = here.length ? here : pages[page];
    const most = Math.max(...some.map(([, text]) => hits(text)));
    return some.find(([, text]) => hits(text) === most)[1];
  }

  function cut(text) {
    const at = Math.max(text.search(found), 0);
    const start = at > before ? text.lastIndexOf(" ", at - before) + 1 : 0;
    const end = start + length < text.length ? text.lastIndexOf(" ", start + length) : text.length;
    return (start ? "… " : "") + text.slice(start, end) + (end < text.length ? " …" : "");
  }

  function add(hit) {
    const [file, anchor] = hit.querySelector("a").getAttribute("href").split("#");
    const page = file.replace(/\.html$/, "");
    if (!pages[page]?.length) return;
    const text = cut(best(page, anchor));
    const line = document.createElement("p");
    line.className = "context";
    let done = 0;
    for (const match of text.matchAll(found)) {
      line.append(text.slice(done, match.index));
      line.appendChild(document.createElement("strong")).textContent = match[0];
      done = match.index + match[0].length;
    }
    line.append(text.slice(done));
    hit.append(line);
  }

  if (!words.length) return;
  const results = document.getElementById("search-results");
  new MutationObserver(() => results.querySelectorAll("li:not(:has(.context))").forEach(add))
    .observe(results, { childList: true, subtree: true });
})();
