/**
 * A `ringstead` whose peers and dispatchers are empty shells that only report: `up` itself is the real one. What a
 * fake peer does is the "service" it is given: `ok`, `fail CODE REASON`, or `deaf` (does not end with its leash).
 */
import { appendFileSync } from "node:fs"
import type { ProcessEvent } from "../../../log/ProcessEvent.ts"

const args = process.argv.slice(2)
const valueOf = (flag: string): string =>
  args.find((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1) ?? ""
const who = valueOf("--name")

const say = (event: ProcessEvent): void => {
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), who, event })}\n`)
}

const pretend = (): void => {
  const [how, code, ...reason] = args[0] === "peer" ? valueOf("--service").split(" ") : ["ok"]
  if (args[0] === "peer") appendFileSync(`${valueOf("--data")}/starts`, `${process.pid}\n`)
  if (how === "fail") {
    say({ type: "failed", reason: reason.join(" ") })
    process.exit(Number(code))
  }
  if (how === "deaf") {
    process.on("SIGTERM", () => {})
    setInterval(() => {}, 1_000)
  } else {
    process.stdin.once("end", () => process.exit(0)).resume()
  }
  process.on("SIGUSR2", () => process.exit(0))
  if (args[0] === "peer") say({ type: "instance", state: "ready", pid: process.pid })
  say({ type: "listening", http: "127.0.0.1:1" })
  say({ type: "ready" })
}

if (args[0] === "peer" || args[0] === "dispatch") pretend()
else await import("../../Main.ts").then(({ main }) => main(args))
