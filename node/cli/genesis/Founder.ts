import type { Contact } from "../../../core/peer/Contact.ts"
import { isAddress, isName } from "../../../core/peer/Genesis.ts"
import { type Reader, place } from "../Value.ts"
import { idOfName } from "./IdOfName.ts"

const pattern = /^([^=]+)=([^,@]+),([^,@]+)(?:@([^@]+))?$/

/**
 * A founder written `NAME=RINGHOST:PORT,HTTPHOST:PORT`, with `@PLACE` behind it to put it somewhere else than at the
 * hash of its name.
 */
export const founder: Reader<Contact> = (written) => {
  const [, name = "", ring = "", http = "", at] = pattern.exec(written) ?? []
  if (!isName(name) || !isAddress(ring) || !isAddress(http)) {
    throw new RangeError("NAME=RINGHOST:PORT,HTTPHOST:PORT, for example a=10.0.0.1:7000,10.0.0.1:8000")
  }
  return { id: at === undefined ? idOfName(name) : place(at), incarnation: 1, name, ring, http }
}
