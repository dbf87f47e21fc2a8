/**
 * When a jail bans a host, and for how long, in fail2ban's terms; times are in seconds, and -1 means for ever. The rules come from
 * a jail's configuration (JailSpec.ts), or are thresholds to try (Grid.ts).
 */
export interface BanRules {
  /** How many matches within `findtime` lead to a ban. */
  readonly maxretry: number
  readonly findtime: number
  readonly bantime: number
  /** `bantime.increment`: longer bans for hosts that come back; nothing where it is off. */
  readonly increment: IncrementRules | undefined
}

/** `bantime.*` of a jail whose bans grow. */
export interface IncrementRules {
  readonly factor: number
  /** `bantime.multipliers`; empty where fail2ban's default formula applies. */
  readonly multipliers: ReadonlyArray<number>
  readonly maxtime: number | undefined
  /** The most seconds that are added to each longer ban at random. */
  readonly rndtime: number | undefined
  /** `dbpurgeage`: how long an expired ban is remembered. */
  readonly dbpurgeage: number
}

/** fail2ban forgets a host once three times the length of its last ban have passed since that ban, and `dbpurgeage` after that. */
const outdatedFactor = 3

/** fail2ban purges its database once an hour. */
const purgeInterval = 3600

/** Bans do not get longer beyond this number of earlier bans. */
const highestPower = 20

/**
 * The length of the ban of a host that was banned before (`Jail.setBanTimeExtra` in fail2ban's jail.py), without the random part.
 *
 * @param earlierBans how many bans the host has had, at least 1
 */
export const longerBan = (bantime: number, { factor, multipliers, maxtime }: IncrementRules, earlierBans: number) => {
  const multiplier = multipliers[Math.min(earlierBans, multipliers.length - 1)]
  const grown =
    multiplier === undefined
      ? Math.max(bantime, bantime * 2 ** Math.min(earlierBans, highestPower) * factor)
      : bantime * factor * multiplier
  return maxtime === undefined ? grown : Math.min(grown, maxtime)
}

/**
 * How many additional failures a failure counts for where the host was banned before (`ObserverThread.failureFound` in fail2ban's
 * observer.py).
 */
export const extraFailures = (earlierBans: number, maxretry: number): number =>
  Math.min(2 ** Math.min(earlierBans, highestPower) / 2 + 1, maxretry) - 1

/**
 * Whether fail2ban's database has forgotten a ban by now.
 *
 * @param start when the database was opened: it is purged every hour from then on
 */
export const isForgotten = (
  ban: { readonly at: number; readonly bantime: number },
  { dbpurgeage }: IncrementRules,
  start: number,
  now: number
): boolean => {
  if (ban.bantime === -1) return false
  const horizon = start + Math.floor((now - start) / purgeInterval) * purgeInterval - dbpurgeage
  // A purge before the ban cannot have removed it: the horizon is `dbpurgeage` earlier than the last purge.
  return ban.at < horizon && ban.at + ban.bantime * outdatedFactor < horizon
}

/** Rounds as Python does: a half goes to the even neighbour. */
export const roundHalfEven = (value: number): number => {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}
