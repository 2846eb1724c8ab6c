/** Text as HTML and SVG show it. */
export const escaped = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c] ?? c,
  )

/** A table with a heading; cells are HTML. Columns named in `numbers` are set flush right. */
export const htmlTable = (
  heads: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  numbers: ReadonlySet<number> = new Set(),
): string => {
  const cell = (tag: "td" | "th") => (content: string, column: number) =>
    `<${tag}${numbers.has(column) ? ' class="number"' : ""}>${content}</${tag}>`
  return [
    `<div class="scroll"><table><thead><tr>${heads.map(cell("th")).join("")}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`),
    "</tbody></table></div>",
  ].join("\n")
}

/** Milliseconds as people read them. */
export const msText = (ms: number): string =>
  ms >= 10_000
    ? `${(ms / 1_000).toFixed(0)} s`
    : ms >= 1_000
      ? `${(ms / 1_000).toFixed(1)} s`
      : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`

/** A coordinate, short. */
export const px = (value: number): string => String(Math.round(value * 10) / 10)
