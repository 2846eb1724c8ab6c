/** Text as one word of a shell's command line, in quotes if it needs any. */
export const shellWord = (text: string): string =>
  /^[\w./:@%+=,-][\w./~:@%+=,-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
