/**
 * What campaigns ask, and no part of Ringstead: a counter and a cart for each session of express-session (in memory, by
 * cookie), a ledger and a tally for each user (basic auth). Start: `PORT=8080 node desk.js`.
 *
 * The sample shop will not do: its visits cannot be read without one more of them, so no read at the end would show what is
 * there; all it has hangs on a cookie, and nothing on a user's name; and nothing in it has an order.
 */
import express from "express"
import session from "express-session"

const app = express()
app.use(express.json())

app.use(
  "/session",
  session({ secret: "of a desk that is for tests", resave: false, saveUninitialized: true }),
)

app.get("/session/count", (req, res) => res.json({ value: req.session.count ?? 0 }))
app.post("/session/count", (req, res) => {
  req.session.count = (req.session.count ?? 0) + 1
  res.json({ value: req.session.count })
})

app.get("/session/cart", (req, res) => res.json({ value: req.session.cart ?? {} }))
app.post("/session/cart", (req, res) => {
  const cart = req.session.cart ?? {}
  cart[req.body.item] = (cart[req.body.item] ?? 0) + 1
  req.session.cart = cart
  res.json({ value: cart })
})
app.delete("/session/cart/:item", (req, res) => {
  const cart = req.session.cart ?? {}
  delete cart[req.params.item]
  req.session.cart = cart
  res.json({ value: cart })
})

const users = new Map()

app.use("/user", (req, res, next) => {
  const [, coded = ""] = /^Basic (.+)$/.exec(req.headers.authorization ?? "") ?? []
  const [name] = Buffer.from(coded, "base64").toString().split(":")
  if (!name) return res.status(401).set("WWW-Authenticate", "Basic").end()
  if (!users.has(name)) users.set(name, { numbers: [], count: 0 })
  req.user = users.get(name)
  next()
})

app.get("/user/ledger", (req, res) => res.json({ value: req.user.numbers }))
app.post("/user/ledger", (req, res) => res.json({ value: req.user.numbers.push(req.body.number) }))
app.get("/user/tally", (req, res) => res.json({ value: req.user.count }))
app.post("/user/tally", (req, res) => res.json({ value: ++req.user.count }))

app.listen(Number(process.env.PORT), "127.0.0.1")
