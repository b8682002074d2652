package ssh

import gossh "golang.org/x/crypto/ssh"

// ciphers, fastest first: on one connection AES-GCM moves about 340 MiB/s, ChaCha20 140.
var ciphers = []string{gossh.CipherAES128GCM, gossh.CipherAES256GCM, gossh.CipherChaCha20Poly1305}

// macs are not used with the ciphers above, but must be named.
var macs = []string{gossh.HMACSHA256ETM, gossh.HMACSHA512ETM}

// serverExchanges: the server need not speak with software of the time before 2015.
var serverExchanges = []string{gossh.KeyExchangeMLKEM768X25519, gossh.KeyExchangeCurve25519}

// userKeyTypes are the signatures the server accepts.
var userKeyTypes = []string{
	gossh.KeyAlgoED25519, gossh.KeyAlgoSKED25519, gossh.KeyAlgoECDSA256, gossh.KeyAlgoRSASHA256, gossh.KeyAlgoRSASHA512,
}
