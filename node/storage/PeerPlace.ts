import * as Effect from "effect/Effect"
import type { Contact } from "../../core/peer/Contact.ts"
import type { PeerOptions } from "../peer/PeerOptions.ts"
import { IdentityError } from "./IdentityError.ts"
import type { StoredIdentity } from "./StoredIdentity.ts"

/** What a peer is told of who it is to be. */
export type IdentityOptions = Pick<
  PeerOptions,
  "data" | "genesis" | "name" | "at" | "ring" | "http" | "durability"
>

/**
 * Where the peer listens: where the genesis file says if it is a founder, else where it is told; refused when what it
 * is told contradicts the genesis file.
 */
export const addressesOf = (
  founder: Contact | undefined,
  options: IdentityOptions,
): Effect.Effect<Pick<Contact, "ring" | "http">, IdentityError> => {
  const { at, genesis, http, name, ring } = options
  if (founder === undefined) {
    const names = genesis.founders.map((each) => each.name).join(", ")
    if (ring === undefined || http === undefined) {
      const missing = [ring ?? "--ring", http ?? "--http"].filter((each) => each.startsWith("--"))
      return misplaced(
        `peer ${name} is none of the founders in the genesis file (${names}); correct the name, or give ${missing.join(" and ")} HOST:PORT to add it to the ring`,
      )
    }
    const other = genesis.founders.find((each) => each.id === at)
    return other === undefined
      ? Effect.succeed({ ring, http })
      : misplaced(`--at ${at} is where founder ${other.name} stands; give peer ${name} a place of its own`)
  }
  for (const [option, given, said] of [
    ["--at", at, founder.id],
    ["--ring", ring, founder.ring],
    ["--http", http, founder.http],
  ] as const) {
    if (given !== undefined && given !== said) {
      return misplaced(
        `${option} ${given} contradicts the genesis file, where founder ${name} has ${said}; leave ${option} out`,
      )
    }
  }
  return Effect.succeed({ ring: founder.ring, http: founder.http })
}

/** Refuses a directory whose peer is not the one that is starting, `self`. */
export const checkBelongs = (
  stored: StoredIdentity,
  self: Contact,
  founder: Contact | undefined,
  { data, genesis }: IdentityOptions,
): Effect.Effect<void, IdentityError> => {
  const remedy = "give this peer a data directory of its own"
  if (stored.cluster !== genesis.cluster) {
    return foreign(
      `data directory ${data} belongs to cluster ${stored.cluster}, the genesis file is of cluster ${genesis.cluster}; ${remedy}`,
    )
  }
  if (stored.name !== self.name) {
    return foreign(`data directory ${data} belongs to peer ${stored.name}, not ${self.name}; ${remedy}`)
  }
  if (stored.id !== self.id) {
    return founder === undefined
      ? misplaced(
          `peer ${self.name} stands at ${stored.id} since its first start, not at ${self.id}; leave --at out`,
        )
      : foreign(
          `data directory ${data} has peer ${self.name} at ${stored.id}, the genesis file at ${self.id}; give the genesis file that it was started with`,
        )
  }
  if (founder !== undefined && stored.incarnation < founder.incarnation) {
    return foreign(
      `data directory ${data} is of incarnation ${stored.incarnation} of founder ${self.name}, the genesis file asks for ${founder.incarnation}; ${remedy}`,
    )
  }
  return Effect.void
}

const misplaced = (reason: string): IdentityError => new IdentityError({ kind: "placement", reason })

const foreign = (reason: string): IdentityError => new IdentityError({ kind: "foreign", reason })
