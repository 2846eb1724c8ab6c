import { hash } from "node:crypto"
import type { Event } from "../peer/Event.ts"
import { step } from "../peer/Peer.ts"
import type { Hash } from "../replication/Durable.ts"
import { OnePeer } from "./OnePeer.samples.ts"

const CELLS = 1024

/** A peer that is alone, with so many sessions in one cell; `run` takes whole requests of one after another. */
const candidate = (sessions: number) => {
  const { state } = new OnePeer(
    {
      sessionEntries: 1e9,
      sessionBytes: 1e12,
      sha256: (bytes) => hash("sha256", bytes) as Hash,
    },
    { cells: CELLS },
  )
  let now = state
  let run = 0
  let persist = 0
  let token = 0
  const body = new Uint8Array(300).fill(65)
  const take = (event: Event): void => {
    const next = step(now, event)
    now = next.state
    for (const command of next.commands) {
      if (command.type === "run") run = command.run
      else if (command.type === "persist") persist = command.number
    }
  }
  const request = (client: string): void => {
    token++
    const id = `0123456789abcdef0123456789abcdef-${token}`
    take({ type: "request", token, cell: 0, client, id, request: body, readOnly: false })
    take({ type: "answered", run, outcome: { type: "answered", response: body } })
    take({ type: "persisted", upTo: persist })
  }
  take({ type: "instance", birth: 1 })
  for (let i = 0; i < sessions; i++) request(`client-${i}`)
  return {
    name: `${sessions} sessions`,
    run: (n: number): void => {
      for (let i = 0; i < n; i++) request(`client-${(i * 7919) % sessions}`)
    },
  }
}

/** Part of row 9: what a request takes of the core, from its arrival to its answer, without any network. */
export const rows = [
  {
    row: 9,
    title: `a request through the core, ${CELLS} cells, all sessions in one of them`,
    candidates: [candidate(100), candidate(5000)],
  },
]
