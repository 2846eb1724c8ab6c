/** What the operating system had against it: its code where there is one (`EACCES`), else the error's message. */
export const systemReason = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const code = (error as NodeJS.ErrnoException).code
  return code ?? error.message
}
