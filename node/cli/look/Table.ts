/** Rows of text in columns as wide as they need to be, two blanks apart; `right` names columns of numbers. */
export const table = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  right: ReadonlySet<number> = new Set(),
): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      widths
        .map((width, column) => {
          const text = row[column] ?? ""
          return right.has(column) ? text.padStart(width) : text.padEnd(width)
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
