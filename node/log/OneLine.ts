/**
 * `text` fit for one line of a terminal: runs of control characters (newlines among them) become a blank, and what is
 * beyond `most` characters is left out.
 */
export const oneLine = (text: string, most = 300): string => {
  const line = text.replaceAll(/\p{Cc}+/gu, " ").trim()
  return line.length <= most ? line : `${line.slice(0, most - 3)}...`
}
