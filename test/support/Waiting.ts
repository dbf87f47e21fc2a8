import * as Effect from "effect/Effect"

/**
 * Waits until a condition gives anything but `false` or `undefined`, and returns that; fails with `what` once the bound is over.
 *
 * @param bound in milliseconds
 */
export const until = async <A>(
  what: string,
  condition: () => A | Promise<A>,
  bound = 20_000
): Promise<Exclude<A, false | undefined>> => {
  const end = Date.now() + bound
  for (;;) {
    const value = await condition()
    // The type of a value that is neither of the two.
    if (value !== false && value !== undefined) return value as Exclude<A, false | undefined>
    if (Date.now() > end) throw new Error(`waited ${bound} ms in vain until ${what}`)
    await pause(10)
  }
}

/** Lets so many milliseconds go by: where nothing shows that what must not happen has had its time. */
export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** The same as an Effect, for ten seconds at most. */
export const untilEffect = (what: string, condition: () => boolean): Effect.Effect<void> =>
  Effect.promise(() => until(what, condition, 10_000))
