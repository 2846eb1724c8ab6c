/** One line on a terminal that is written anew; nothing where standard error is no terminal. */
export const progressLine = (): { readonly say: (text: string) => void; readonly end: () => void } => {
  if (!process.stderr.isTTY) return { say: () => {}, end: () => {} }
  return {
    say: (text) => process.stderr.write(`\r\u001b[2K${text}`),
    end: () => process.stderr.write("\r\u001b[2K"),
  }
}
