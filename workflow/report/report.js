// Pages and figures are compressed parts of this file; each is inflated when it is shown.
const parts = new Map([...document.querySelectorAll("script[data-part]")].map((part) => [part.dataset.part, part.textContent]));
const front = document.getElementById("front"), page = document.getElementById("page");
const LETTER = /href="#([A-Za-z0-9-]+-[0-9a-f]+)"/g;
let shapes;

async function inflated(name) {
  const bytes = Uint8Array.from(atob(parts.get(name)), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function draw(root) {
  shapes ??= JSON.parse(await inflated("glyphs"));
  for (const source of root.querySelectorAll("script[data-figure]")) {
    const used = new Set([...source.textContent.matchAll(LETTER)].map((match) => match[1]));
    const letters = [...used].map((name) => shapes[name] ?? "").join("");
    const svg = source.textContent.replace(">", `><defs>${letters}</defs>`);
    const figure = root.querySelector(`figure[data-figure="${CSS.escape(source.dataset.figure)}"]`);
    const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    figure.querySelector("img").src = address;
    figure.querySelectorAll("a[download]").forEach((link) => { link.href = address; });
    source.remove();
  }
}

async function open(name) {
  const names = name === "all" ? [...parts.keys()].filter((key) => key !== "glyphs" && key !== "front") : [name];
  page.innerHTML = (await Promise.all(names.map(inflated))).join("");
  page.dataset.shown = name;
  await draw(page);
}

async function show() {
  const place = decodeURIComponent(location.hash.slice(1)), name = place.split("/")[0];
  const opened = name === "all" || (parts.has(name) && name !== "front" && name !== "glyphs");
  if (opened && page.dataset.shown !== name) await open(name);
  page.hidden = !opened;
  front.hidden = opened && name !== "all";
  document.querySelectorAll("nav a").forEach((link) => link.toggleAttribute("aria-current", link.hash === `#${name}`));
  const target = document.getElementById(place);
  target?.closest("details")?.setAttribute("open", "");
  target ? target.scrollIntoView() : scrollTo(0, 0);
  document.documentElement.dataset.shown = name || "front";
}

addEventListener("hashchange", show);
addEventListener("beforeprint", () => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  document.querySelectorAll("img").forEach((image) => { image.loading = "eager"; });
});
inflated("front").then((text) => {
  front.insertAdjacentHTML("beforeend", text);
  return Promise.all([draw(front), show()]);
});
