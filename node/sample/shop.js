import express from "express"
import session from "express-session"

const port = Number(process.env.PORT || 3000)
const app = express()

app.get("/health", (req, res) => {
  res.json({ ok: true })
})

app.use(
  session({
    secret: process.env.SESSION_SECRET || "a shop that is for demonstration only",
    resave: false,
    saveUninitialized: false,
  }),
)
app.use(express.json())
app.use(express.urlencoded({ extended: false }))

const wantsPage = (req) => req.accepts(["json", "html"]) === "html"

app.get("/", (req, res) => {
  req.session.visits = (req.session.visits || 0) + 1
  const { visits, cart = [] } = req.session
  if (wantsPage(req)) res.send(page(visits, cart))
  else res.json({ visits, cart })
})

app.get("/cart", (req, res) => {
  res.json({ cart: req.session.cart || [] })
})

app.post("/cart", (req, res) => {
  const item = typeof req.body?.item === "string" ? req.body.item.trim() : ""
  if (item === "" || item.length > 60) {
    res.status(400).json({ error: "item must be a text of 1 to 60 characters" })
    return
  }
  const cart = req.session.cart || []
  const line = cart.find((each) => each.item === item)
  if (line) line.count += 1
  else cart.push({ item, count: 1 })
  req.session.cart = cart
  if (wantsPage(req)) res.redirect(303, "/")
  else res.status(201).json({ cart })
})

app.delete("/cart/:item", (req, res) => {
  const cart = req.session.cart || []
  const left = cart.filter((each) => each.item !== req.params.item)
  if (left.length === cart.length) {
    res.status(404).json({ error: `no ${req.params.item} in the cart` })
    return
  }
  req.session.cart = left
  res.json({ cart: left })
})

app.use((req, res) => {
  res.status(404).json({ error: `nothing at ${req.path}` })
})

app.use((error, req, res, next) => {
  if (res.headersSent) next(error)
  else res.status(error.status || 500).json({ error: error.message })
})

app.listen(port, (error) => {
  if (error) throw error
  console.log(`shop listens on http://localhost:${port}`)
})

const escape = (text) =>
  text.replace(
    /[&<>"']/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c],
  )

const offers = ["tea", "honey", "bread", "pears", "cheese"]

const page = (visits, cart) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The corner shop</title>
<style>
  :root { color-scheme: light dark; --ink: #2b2622; --soft: #8a7f74; --paper: #faf6ef; --card: #fff; --line: #e8dfd2; --leaf: #3d6b4f }
  @media (prefers-color-scheme: dark) { :root { --ink: #eee6da; --soft: #a3988a; --paper: #1d1a17; --card: #272320; --line: #3a342e; --leaf: #8fc2a0 } }
  * { box-sizing: border-box }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--paper); color: var(--ink); font: 16px/1.5 Georgia, "Times New Roman", serif }
  main { width: min(26rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 2rem; box-shadow: 0 12px 40px rgb(0 0 0 / .06) }
  h1 { margin: 0; font-size: 1.6rem; font-weight: normal }
  .visits { margin: .25rem 0 1.75rem; color: var(--soft) }
  .visits b { color: var(--leaf); font-variant-numeric: tabular-nums }
  ul { list-style: none; margin: 0 0 1.5rem; padding: 0; border-top: 1px solid var(--line) }
  li { display: flex; gap: .75rem; align-items: baseline; padding: .6rem 0; border-bottom: 1px solid var(--line) }
  li span:first-child { flex: 1; overflow-wrap: anywhere }
  li .count, .empty { color: var(--soft) }
  form { display: flex; gap: .5rem }
  .offers { flex-wrap: wrap; margin-bottom: .75rem }
  input, button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 8px; padding: .4rem .75rem; background: transparent }
  input { flex: 1; min-width: 0 }
  button { cursor: pointer }
  button:hover, button:focus-visible, input:focus-visible { border-color: var(--leaf); outline: none }
  .add { background: var(--leaf); border-color: var(--leaf); color: var(--card) }
  .drop { border: 0; padding: 0 .25rem; color: var(--soft) }
</style>
<main>
  <h1>The corner shop</h1>
  <p class="visits">${visits === 1 ? "Welcome. This is your <b>first</b> visit." : `Welcome back. This is visit <b>${visits}</b>.`}</p>
  <ul>${
    cart.length === 0
      ? `<li class="empty">Your cart is empty.</li>`
      : cart
          .map(
            ({ item, count }) =>
              `<li><span>${escape(item)}</span><span class="count">&times; ${count}</span><button class="drop" data-item="${escape(item)}" aria-label="Remove ${escape(item)}">&times;</button></li>`,
          )
          .join("")
  }</ul>
  <form class="offers" method="post" action="/cart">${offers
    .map((offer) => `<button name="item" value="${offer}">${offer}</button>`)
    .join("")}</form>
  <form method="post" action="/cart">
    <input name="item" placeholder="Something else" aria-label="Something else" maxlength="60" required>
    <button class="add">Add</button>
  </form>
</main>
<script>
  for (const button of document.querySelectorAll(".drop")) {
    button.addEventListener("click", async () => {
      await fetch("/cart/" + encodeURIComponent(button.dataset.item), { method: "DELETE" })
      location.reload()
    })
  }
</script>
</html>
`
