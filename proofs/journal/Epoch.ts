import { and, define, forall } from "../smt/Formula.ts"
import type { Theory } from "../smt/Obligation.ts"

/**
 * What the members of one view share: any number of nodes, majorities as sets of which any two meet, ballots in their
 * order, and logs by reference. Of a log nothing is known but what it is a prefix of, and how logs compare in length.
 * Nodes come from quorums and quorums from ballots, never the other way round.
 */
export const epoch: Theory = {
  name: "epoch",
  symbols: [
    "(declare-sort Node 0)",
    "(declare-sort Quorum 0)",
    "(declare-sort Ballot 0)",
    "(declare-sort Log 0)",
    "(declare-sort View 0)",
    "(declare-fun in (Node Quorum) Bool)",
    "(declare-fun lt (Ballot Ballot) Bool)",
    "(declare-const zero Ballot)",
    "(declare-fun prefix (Log Log) Bool)",
    "(declare-fun noLonger (Log Log) Bool)",
  ].join("\n"),
  axioms: [
    {
      name: "intersection",
      about: "two majorities share a node",
      formula: forall("q Quorum, r Quorum", "(exists ((n Node)) (and (in n q) (in n r)))"),
    },
    {
      name: "ballots",
      about: "ballots are in a strict total order",
      formula: forall(
        "a Ballot, b Ballot, c Ballot",
        "(and (not (lt a a)) (=> (and (lt a b) (lt b c)) (lt a c)) (or (lt a b) (lt b a) (= a b)))",
      ),
    },
    {
      name: "zero",
      about: "the fast path's ballot comes first",
      formula: forall("b Ballot", "(not (lt b zero))"),
    },
    {
      name: "order",
      about: "prefixes are a partial order",
      formula: forall(
        "k Log, l Log, m Log",
        "(and (prefix k k) (=> (and (prefix k l) (prefix l m)) (prefix k m)) (=> (and (prefix k l) (prefix l k)) (= k l)))",
      ),
    },
    {
      name: "tree",
      about: "two prefixes of one log: one is a prefix of the other",
      formula: forall(
        "k Log, l Log, m Log",
        "(=> (and (prefix k m) (prefix l m)) (or (prefix k l) (prefix l k)))",
      ),
    },
    {
      name: "length",
      about: "lengths compare; a prefix as long as the whole is the whole",
      formula: forall(
        "k Log, l Log, m Log",
        and(
          "(or (noLonger k l) (noLonger l k))",
          "(=> (and (noLonger k l) (noLonger l m)) (noLonger k m))",
          "(=> (prefix k l) (noLonger k l))",
          "(=> (and (prefix k l) (noLonger l k)) (= k l))",
        ),
      ),
    },
  ],
  // Three members, 0 to 2, with the majorities that leave out one of them or none; 3 is a bystander in no majority. A log
  // is a branch (the first bit) and a length, which branch 1 counts from 1: the empty log is a prefix of both branches.
  small: [
    "(define-sort Node () (_ BitVec 2))",
    "(define-sort Quorum () (_ BitVec 2))",
    "(define-sort Ballot () (_ BitVec 2))",
    "(define-sort Log () (_ BitVec 3))",
    "(define-sort View () (_ BitVec 1))",
    define("in", "n Node, q Quorum", "Bool", "(and (distinct n q) (distinct n #b11))"),
    define("lt", "a Ballot, b Ballot", "Bool", "(bvult a b)"),
    define("zero", "", "Ballot", "#b00"),
    define("len", "l Log", "Log", "(bvadd (bvand l #b011) (bvlshr l #b010))"),
    define("noLonger", "a Log, b Log", "Bool", "(bvule (len a) (len b))"),
    define(
      "prefix",
      "a Log, b Log",
      "Bool",
      "(or (= a b) (= a #b000) (and (= (bvlshr a #b010) (bvlshr b #b010)) (bvult (len a) (len b))))",
    ),
  ].join("\n"),
  abbreviations: "",
}
