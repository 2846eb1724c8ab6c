/** Our rules, or what they assume of the world, each broken in one place. */
export const ringMutants = [
  {
    name: "suspect-first-successor",
    about: "a first successor that is alive is taken for dead",
    scope: { suspicions: 1 },
  },
  {
    name: "splice-tail",
    about: "the head of a list comes from one responder, the tail from another",
    scope: {},
  },
  {
    name: "rectify-without-liveness",
    about: "a dead predecessor is kept until a nearer one notifies",
    scope: {},
  },
  {
    name: "join-without-between",
    about: "any member lets a newcomer in behind itself",
    scope: {},
  },
  {
    name: "adopt-unasked",
    about: "the successor's predecessor is adopted without asking whether it is alive",
    scope: { peers: 5, founders: [0, 1, 2, 3, 4], failures: 2 },
  },
  {
    name: "hear-without-between",
    about: "anybody heard of is adopted as first successor, nearer or not",
    scope: {},
  },
  {
    name: "fail-beyond-assumption",
    about: "failures leave fewer than L + 1 principals",
    scope: { failures: 2 },
  },
  {
    name: "fail-ignores-flights",
    about: "a failure takes the last live entry of a list in flight",
    scope: { peers: 5, founders: [0, 1, 2, 3], failures: 2 },
  },
] as const

export type RingMutant = (typeof ringMutants)[number]["name"]
