// Package roster says who is a member of an engagement and what he may do: the settings, their signed chain of versions,
// what is admitted in the field, invitations, and which commits count. It is pure: it reads and writes objects through what
// it is handed, looks at no clock and touches no name.
//
// Reading order: [Level] and [Key]; [Settings] with [Member]; [Chain], their versions, with [CheckChange], the rule between
// two of them; [Admissions] and [Roster], which is both together; [Judge], which tells whether a commit of content counts;
// [Invitation] and [Join]; [Receipt].
//
// # Names
//
//	meta/settings          the newest version of the settings
//	meta/admit/TAG         the newest admissions of one inviter; TAG is Key.Tag of his key
//
// # Chains
//
// A version is a commit whose tree has one file, settings.json or admissions.json. It has at most one parent, the version
// before, and the headers
//
//	meta       "settings" or "admissions"
//	settings   admissions only: the version of the settings that its maker knew
//
// It is signed (SSHSIG, namespace "commit@esync", over Commit.Payload) by a key that is admin in the version before; the
// first by one that it lists as admin itself. The ID of the first version is that of the engagement, so who knows the ID
// can trust nobody else's chain. A chain moves forward only: a version that does not follow the one at hand is a fork, and
// refused.
//
// # settings.json
//
// JSON, UTF-8, at most 1 MiB, indented by two spaces. Times are RFC 3339, keys lines of authorized_keys without a comment,
// nonce and discovery 64 hexadecimal digits.
//
//	format      1; a reader refuses greater ones
//	engagement  its name
//	nonce       random; the same in all versions
//	discovery   the key by which members find each other on a network
//	hubs        [text]
//	ignore      [pattern]
//	merge       {pattern: policy}
//	members     ascending by name, at most 4096:
//	  name  key  host_key  level ("none", "read", "full", "admin")  may_invite  expires  revoked  author  device
//	  addresses [HOST:PORT]  invited_by  joined
//
// A reader refuses names that stand twice in an object or differ from a known one by letter case only, two members of one
// name (letter case apart) or key, and texts with control characters. Fields that it doesn't know it keeps, and writes
// again behind those that it knows, in ascending order.
//
// # admissions.json
//
//	format      1
//	members     as above; each expires within 7 days, none is admin or may invite
//
// Its entries never change but by being revoked. They count while the inviter is a member who may invite, and not for keys
// that are in the settings.
//
// # Commits of content
//
// They are signed in the same way, and have a header "settings": the version that their maker knew. [Judge] has the rule.
//
// # Invitation
//
// "esync1:" and base32 (RFC 4648, no padding, any letter case) of
//
//	 1 byte   version, 1
//	32 bytes  engagement
//	32 bytes  host key of the inviter, ed25519
//	16 bytes  secret
//	uvarint   when it expires, seconds since 1970
//	 1 byte   number of addresses, at most 16, each: 1 byte length, text
//	 4 bytes  the first of the BLAKE3 of all before
//
// The invitation key is the ed25519 key of the seed HKDF-SHA256(secret, salt engagement, info "esync invitation key 1").
//
// # Join
//
// JSON of at most 16 KiB: format, invitation (the public invitation key), key, host_key, author, device, and two SSHSIG
// ("join@esync", in base64), by_device and by_invitation, over "esync join 1\n", the engagement's 32 bytes, and those five
// texts in this order, each behind its length as a uvarint.
// # Credentials
//
// By them a member shows to a copy that has missed the newest settings that he is one: a byte 1, "creds", and, packed by
// DEFLATE (RFC 1951) from at most 4 MiB,
//
//	uvarint   number of names, at most 64, each: uvarint length, text, 32 bytes ID of the last version
//	uvarint   number of objects, each: 1 byte kind, uvarint length, content: commits, folders and files of the versions
//
// Whoever gets them believes what follows from the versions that he has, and nothing else.
package roster
