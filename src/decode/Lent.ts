/**
 * A value that its owner uses again: a buffer that takes the next chunk, an entry that becomes the next line's.
 *
 * The rule for all of them: what a function is called with is good until it returns, or until the effect that it returns is
 * done; what a call returns is good until the next call of the same object, and a piece of a stream until the next piece is
 * asked for. To keep it longer, make a copy (of an entry: `plainEntry`). What is not lent may be kept.
 */
export type Lent<Value> = Value
