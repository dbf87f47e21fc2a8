/** What pkg tells after installing, upgrading and removing, in its own notation. */
import { firstName, listName } from "../../src/fail2ban/ignoreip/DropIn.ts"

const onInstall = `Five steps make this host safe:

1. sysrc pf_enable=YES pflog_enable=YES pfasciilogd_enable=YES
2. In pf.conf, before the first "block" and any "quick":  anchor "f2b/*"
   and with "log" the rules whose packets count:          block in log
3. service pf start; service pflog start; service pfasciilogd start
4. In fail2ban's jail.d/pfasciilogd.local:  [pfasciilogd]
                                            enabled = true
5. pfasciilogd ignoreip --write && fail2ban-client reload

"pfasciilogd validate" then tells what is still missing, with the remedy.
Node.js 20 or later runs it: "pkg install node" where there is none yet.`

const onUpgrade = `"service pfasciilogd restart" starts the new version; log and bans stay.
A configuration that you have edited stays as it is: compare it with its sample.`

const onRemove = `The log, and any configuration that you have edited, are still there. So is what
"pfasciilogd ignoreip --write" has made in jail.d of fail2ban, which goes on
reading it: ${listName} and ${firstName}`

const entry = (type: string, message: string): string => `{ type: ${type}\n  message: <<EOM\n${message}\nEOM\n}\n`

/** pkg-message of a port. */
export const portMessage = `[\n${entry("install", onInstall)}${entry("upgrade", onUpgrade)}${entry("remove", onRemove)}]\n`

/** The same for the manifest of a package. */
export const manifestMessages = [
  { type: "install", message: onInstall },
  { type: "upgrade", message: onUpgrade },
  { type: "remove", message: onRemove }
]
