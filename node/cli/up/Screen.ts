/** Standard output of `up`: lines for everybody, and one line of progress on a terminal that the next one replaces. */
export class Screen {
  readonly #out: NodeJS.WriteStream
  #progress = ""

  constructor(out: NodeJS.WriteStream) {
    this.#out = out
  }

  /** One line, or several. */
  say(text: string): void {
    this.#clear()
    this.#out.write(`${text}\n`)
    this.#draw()
  }

  /** Something that happens while the ring runs: with the time of day. */
  news(text: string): void {
    this.say(`${new Date().toTimeString().slice(0, 8)} ${text}`)
  }

  /** What is being waited for; "" for nothing. Shown on a terminal only. */
  progress(text: string): void {
    if (!this.#out.isTTY || text === this.#progress) return
    this.#clear()
    this.#progress = text
    this.#draw()
  }

  #clear(): void {
    if (this.#progress !== "") this.#out.write("\r\u001B[K")
  }

  #draw(): void {
    if (this.#progress !== "") this.#out.write(this.#progress)
  }
}
