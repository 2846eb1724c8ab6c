import * as EffectHashRing from "effect/HashRing"
import * as PrimaryKey from "effect/PrimaryKey"
import NpmHashRing from "hashring"
import { makeRingIndex, ownerOf, ownerOfUpper } from "../ring/RingIndex.ts"
import { makeHasher } from "./Hasher.ts"

const hasher = makeHasher(["sha1"])

interface Peer {
  readonly name: string
  readonly [PrimaryKey.symbol]: () => string
}

const peers: ReadonlyArray<Peer> = Array.from({ length: 128 }, (_, n) => {
  const name = `peer-${n}.example.org`
  return { name, [PrimaryKey.symbol]: () => name }
})

/** Clients' names of 24 bytes, each a flat string as it comes out of a parsed request. */
const names = Array.from({ length: 8192 }, (_, n) =>
  new TextDecoder().decode(new TextEncoder().encode(`client-${String(n).padStart(5, "0")}@example.org`)),
)
const nameAt = (i: number): string => names[i & 8191] ?? ""

const byId = new Map(peers.map((peer) => [hasher(peer.name), peer]))
const index = makeRingIndex(byId.keys())
const sorted = index.ids.map((id) => byId.get(id))
const ring = EffectHashRing.addMany(EffectHashRing.make<Peer>(), peers)
/** Its cache of recent answers holds one, since it is the search that is compared. */
const ketama = new NpmHashRing(
  peers.map((peer) => peer.name),
  "md5",
  { "max cache size": 1 },
)

/** Keeps results alive, so that no loop is optimised away. */
let sink = 0

/** performance.md row 1: which peer serves this client? */
export const rows = [
  {
    row: 1,
    title: "client name of 24 bytes -> peer (hash and search), 128 peers",
    goal: { of: "SHA-1 and ring index", against: "effect HashRing", atMost: 0.85 },
    candidates: [
      {
        name: "effect HashRing",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += EffectHashRing.get(ring, nameAt(i))?.name.length ?? 0
        },
      },
      {
        name: "npm hashring",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += ketama.get(nameAt(i)).length
        },
      },
      {
        name: "SHA-1 and ring index",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) {
            const name = nameAt(i)
            const owner = ownerOfUpper(index, hasher.upper(name))
            sink += sorted[owner < 0 ? ownerOf(index, hasher(name)) : owner]?.name.length ?? 0
          }
        },
      },
      {
        name: "the same, the id written out",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += sorted[ownerOf(index, hasher(nameAt(i)))]?.name.length ?? 0
        },
      },
      {
        name: "SHA-1 and cell alone",
        run: (n: number): void => {
          for (let i = 0; i < n; i++) sink += hasher.cell(nameAt(i), 1024)
        },
      },
    ],
  },
]

/** Read by nobody; exported so that the sum counts as used. */
export const witness = (): number => sink
