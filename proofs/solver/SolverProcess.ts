import { init } from "z3-solver"
import type { Answer, Request } from "./Answer.ts"

// One Z3, in WebAssembly, in a process of its own: its threads keep a process alive, and a check that has run away can only
// be ended with it. It answers one question at a time and goes with its parent.

const { Z3 } = await init()

const ask = async ({ text, limit }: Request): Promise<Answer> => {
  const config = Z3.mk_config()
  const context = Z3.mk_context(config)
  Z3.del_config(config)
  try {
    const solver = Z3.mk_solver(context)
    Z3.solver_inc_ref(context, solver)
    const settings = Z3.mk_params(context)
    Z3.params_inc_ref(context, settings)
    Z3.params_set_uint(context, settings, Z3.mk_string_symbol(context, "timeout"), limit)
    Z3.solver_set_params(context, solver, settings)
    Z3.solver_from_string(context, solver, text.replace(/\(check-sat\)\s*$/, ""))
    // What cannot be read is not asserted, and a question with a hypothesis less would be answered all the same.
    const mistake: number = Z3.get_error_code(context)
    if (mistake !== 0)
      return { verdict: "unknown", why: Z3.get_error_msg(context, Z3.get_error_code(context)) }
    const result: number = await Z3.solver_check(context, solver)
    if (result === -1) return { verdict: "unsat", values: [] }
    if (result !== 1) return { verdict: "unknown", why: Z3.solver_get_reason_unknown(context, solver) }
    const model = Z3.solver_get_model(context, solver)
    const values = Array.from({ length: Z3.model_get_num_consts(context, model) }, (_, i) => {
      const declared = Z3.model_get_const_decl(context, model, i)
      const value = Z3.model_get_const_interp(context, model, declared)
      const name = Z3.get_symbol_string(context, Z3.get_decl_name(context, declared))
      return [name, value === null ? "any" : Z3.ast_to_string(context, value)] as const
    })
    return { verdict: "sat", values }
  } catch (error) {
    return { verdict: "unknown", why: error instanceof Error ? error.message : String(error) }
  } finally {
    Z3.del_context(context)
  }
}

process.on("message", (request: Request) => {
  void ask(request).then((answer) => process.send?.(answer))
})
process.on("disconnect", () => process.exit(0))
process.send?.("ready")
