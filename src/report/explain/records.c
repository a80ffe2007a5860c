/* The record protocol with the lengths of this connection's suite, and how its keys are made. */
#include "report/explain/records.h"

#include "base/format.h"
#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/text/names.h"
#include "report/text/text.h"

#include <inttypes.h>
#include <stdio.h>

/* RFC 5246, 6.2.3.3; RFC 5288, 3: GCM and CCM carry eight bytes of nonce in each record, ChaCha20-Poly1305 none
 * (RFC 7905, 2). */
#define EXPLICIT_NONCE 8u

/* What the server's answer says of extensions that change the protection of records. */
static void answered(const struct wt_connection *c, struct wt_explain_protection *p)
{
    for (size_t i = 0; i < c->message_count; i++) {
        const struct wt_message *m = &c->messages[i];
        struct wt_codec_context context = wt_text_context(m);
        struct wt_message_body body WT_UNINITIALIZED;
        struct wt_error error;
        if (m->content_type != WT_CONTENT_HANDSHAKE || m->flags & (WT_MESSAGE_SSL2 | WT_MESSAGE_RETRY) ||
            !(m->flags & WT_MESSAGE_TYPED) || m->type != WT_HANDSHAKE_SERVER_HELLO)
            continue;
        memset(&body, 0, sizeof body);
        (void)wt_message_decode(&context, m->type, m->body, NULL, &body, &error);
        const struct wt_extensions *extensions = &body.server_hello.extensions;
        p->etm = wt_extensions_find(extensions, WT_EXT_ENCRYPT_THEN_MAC, &(struct wt_span){0});
        p->ems = wt_extensions_find(extensions, WT_EXT_EXTENDED_MASTER_SECRET, &(struct wt_span){0});
        return;
    }
}

void wt_explain_protection_of(struct wt_explain_protection *p, const struct wt_connection *c)
{
    memset(p, 0, sizeof *p); /* compared as bytes */
    p->has_suite = c->has_suite && c->protocol != WT_PROTOCOL_SSL2;
    if (!p->has_suite)
        return;
    p->suite = c->cipher_suite;
    p->version = c->version;
    p->resumption = (uint8_t)c->resumption;
    p->keys = c->decryption != WT_DECRYPTION_NONE;
    if (!wt_version_is_tls13(c->version))
        answered(c, p);
}

static void say(struct wt_text *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct wt_text *x, const char *format, ...)
{
    char line[1500] WT_UNINITIALIZED;
    va_list args;
    va_start(args, format);
    (void)wt_format_list(line, sizeof line, format, args);
    va_end(args);
    /* "3. Encrypt" is indented after its number, "   A record" belongs to the number above */
    const char *text = line;
    bool below = strncmp(text, "   ", 3) == 0, numbered = text[0] >= '1' && text[0] <= '9' && text[1] == '.';
    wt_explain_hang(x, WT_EXPLAIN_AT + (below ? 3 : 0), WT_EXPLAIN_AT + (below || numbered ? 3 : 0),
                    below ? text + 3 : text);
}

static void aead12(struct wt_text *x, const struct wt_cipher *c)
{
    unsigned explicit_nonce = c->iv == 4 ? EXPLICIT_NONCE : 0;
    if (explicit_nonce)
        say(x,
            _("3. Encrypt: %s is an AEAD, so there is no separate MAC. Nonce: %u bytes of IV from the key block and %u "
              "explicit bytes at the start of the record. Additional data (13 bytes, authenticated but not sent): "
              "sequence number, type, version, length (RFC 5246, 6.2.3.3)."),
            c->name, c->iv, explicit_nonce);
    else
        say(x,
            _("3. Encrypt: %s is an AEAD, so there is no separate MAC. Nonce: %u bytes of IV XOR the sequence number, "
              "not sent (RFC 7905, 2). Additional data (13 bytes, authenticated but not sent): sequence number, type, "
              "version, length."),
            c->name, c->iv);
    say(x, _("   A record with n bytes of plaintext is n + %u bytes long: %u of nonce, n of ciphertext, %u of tag."),
        explicit_nonce + c->tag, explicit_nonce, c->tag);
}

static void aead13(struct wt_text *x, const struct wt_cipher *c)
{
    say(x, _("2. Append the actual content type as one byte, then optionally zero bytes as padding: TLS 1.3 hides the "
             "type (RFC 8446, 5.2). There is no compression."));
    say(x,
        _("3. Encrypt with %s: nonce = the direction's 12-byte IV XOR the sequence number (5.3), not sent; additional "
          "data = the 5-byte record header."),
        c->name);
    say(x, _("   A record with n bytes of content is n + 1 + padding + %u bytes long: content type, padding, tag."),
        c->tag);
}

static void cbc(struct wt_text *x, const struct wt_suite *s, const struct wt_cipher *c,
                const struct wt_explain_protection *p)
{
    const struct wt_hash_info *mac = wt_hash_info_of((enum wt_hash_id)s->mac);
    unsigned mac_length = mac ? mac->length : 0;
    unsigned iv = p->version >= WT_TLS11 || p->version == WT_TLCP ? c->block : 0;
    if (p->etm && p->version >= WT_TLS10)
        say(x,
            _("3. encrypt_then_mac was negotiated (RFC 7366): pad to a multiple of %u bytes and encrypt with %s; then "
              "HMAC-%s (%u bytes) over sequence number, header, IV and ciphertext."),
            c->block, c->name, mac ? mac->name : "?", mac_length);
    else
        say(x,
            _("3. MAC: %s-%s (%u bytes) over sequence number, type, version, length and content. Then pad to a "
              "multiple of %u bytes, where each padding byte holds the padding length, and encrypt with %s: "
              "MAC-then-encrypt, which makes padding attacks possible."),
            p->version == WT_SSL3 ? "MAC" : "HMAC", mac ? mac->name : "?", mac_length, c->block, c->name);
    if (iv)
        say(x,
            _("   Each record starts with its own IV of %u bytes (RFC 4346, 6.2.3.2), followed by content, MAC and at "
              "least 1 to %u bytes of padding."),
            iv, c->block);
    else
        say(x, _("   The IV is the last ciphertext block of the previous record, known to every eavesdropper: BEAST "
                 "exploits this. Since TLS 1.1 each record has its own IV."));
}

static void stream(struct wt_text *x, const struct wt_suite *s, const struct wt_cipher *c)
{
    const struct wt_hash_info *mac = wt_hash_info_of((enum wt_hash_id)s->mac);
    say(x, _("3. MAC: %s, %u bytes, over sequence number, type, version, length and content; it is appended."),
        mac ? mac->name : "?", mac ? mac->length : 0);
    if (c->mode == WT_MODE_NULL)
        say(x, _("   The cipher is NULL: the record is not encrypted."));
    else
        say(x,
            _("   Then %s: key stream XOR content and MAC, continued from record to record. A record with n bytes is n "
              "+ %u bytes long."),
            c->name, mac ? mac->length : 0);
}

static void records(struct wt_text *x, const struct wt_explain_protection *p)
{
    const struct wt_suite *s = p->has_suite ? wt_suite_find(p->suite) : NULL;
    const struct wt_cipher *cipher =
        s && s->cipher < WT_CIPHER_COUNT ? wt_cipher_of((enum wt_cipher_id)s->cipher) : NULL;
    bool tls13 = wt_version_is_tls13(p->version);
    if (!cipher)
        return;
    wt_text_headline(x, _("record protection"));
    say(x, _("1. Fragment: split the data into pieces of at most 2^14 bytes. Message boundaries do not matter: a "
             "record may contain several handshake messages, or part of one."));
    if (tls13) {
        aead13(x, cipher);
    } else {
        say(x, _("2. Compress, if a method was negotiated. null, the only one in use today, changes nothing."));
        if (cipher->mode == WT_MODE_GCM || cipher->mode == WT_MODE_CCM || cipher->mode == WT_MODE_CCM8 ||
            cipher->mode == WT_MODE_POLY1305)
            aead12(x, cipher);
        else if (cipher->mode == WT_MODE_CBC)
            cbc(x, s, cipher, p);
        else if (cipher->mode == WT_MODE_STREAM || cipher->mode == WT_MODE_NULL)
            stream(x, s, cipher);
        else
            say(x, _("3. Encrypt and authenticate with %s, as its own specification defines."), cipher->name);
    }
    say(x,
        tls13 ? _("4. Prepend the 5-byte header: type always 23, version always 0x0303, length (2). Each direction "
                  "counts its records from 0; the number is never sent, so a lost, duplicated or reordered record "
                  "fails to decrypt.")
              : _("4. Prepend the 5-byte header: type (1), version (2), length (2). Each direction counts its records "
                  "from 0; the number is never sent, so a lost, duplicated or reordered record fails authentication."));
}

/* --- keys -----------------------------------------------------------------------------------------------------------
 */

static const char *premaster(const struct wt_suite *s)
{
    switch (s->kx) {
    case WT_KX_RSA:
    case WT_KX_RSA_EXPORT:
        return _("premaster secret: 48 bytes generated by the client (2 of version, 46 random) and sent encrypted");
    case WT_KX_DH:
    case WT_KX_DHE:
    case WT_KX_DH_ANON:
    case WT_KX_DH_EXPORT:
    case WT_KX_DHE_EXPORT:
    case WT_KX_DH_ANON_EXPORT:
        return _("premaster secret: g^(xy) mod p, leading zero bytes stripped; never sent");
    case WT_KX_ECDH:
    case WT_KX_ECDHE:
    case WT_KX_ECDH_ANON:
        return _("premaster secret: the x coordinate of the shared point (for x25519 and x448 the function's output); "
                 "never sent");
    case WT_KX_PSK:
        return _(
            "premaster secret: as many zero bytes as the PSK has, and the PSK, each with its length (RFC 4279, 2)");
    case WT_KX_RSA_PSK:
    case WT_KX_DHE_PSK:
    case WT_KX_ECDHE_PSK:
        return _("premaster secret: the shared secret of the key exchange and the PSK, each with its length");
    case WT_KX_SRP:
        return _("premaster secret: computed by both sides from A, B, the password and the salt (RFC 5054, 2.6)");
    case WT_KX_SM2:
        return _("premaster secret: 48 bytes generated by the client (2 of version, 46 random) and sent encrypted for the "
                 "server's encryption certificate");
    case WT_KX_SM2_DHE:
        return _("premaster secret: 48 bytes that SM2's key agreement makes of both ephemeral points and the keys of both "
                 "encryption certificates; never sent");
    default:
        return _("premaster secret: as defined by the key exchange");
    }
}

static void keys12(struct wt_text *x, const struct wt_suite *s, const struct wt_explain_protection *p)
{
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    const struct wt_hash_info *mac = wt_hash_info_of((enum wt_hash_id)s->mac);
    const struct wt_hash_info *prf = wt_hash_info_of((enum wt_hash_id)(s->prf ? s->prf : WT_HASH_SHA256));
    unsigned mac_length = mac ? mac->length : 0;
    /* from TLS 1.1 on a CBC record brings its own IV, so the key block yields none (RFC 4346, 6.3) */
    unsigned iv = cipher->mode == WT_MODE_CBC && (p->version >= WT_TLS11 || p->version == WT_TLCP) ? 0 : cipher->iv;
    unsigned sum = 2 * (mac_length + cipher->effective + iv);
    if (p->resumption == WT_RESUMPTION_SESSION_ID || p->resumption == WT_RESUMPTION_TICKET)
        say(x, _("1. No premaster secret: the session's master secret is reused."));
    else
        /* TRANSLATORS: the first of numbered sentences */
        say(x, _("1. %s."), premaster(s));
    if (p->version == WT_SSL3)
        say(x,
            _("2. master secret (48 bytes): three rounds of MD5(premaster ‖ SHA(\"A\", \"BB\", \"CCC\" ‖ premaster ‖ "
              "client_random ‖ server_random)) (RFC 6101, 6.1)."));
    else if (p->resumption != WT_RESUMPTION_SESSION_ID && p->resumption != WT_RESUMPTION_TICKET)
        say(x, p->ems
                   ? _("2. master secret (48 bytes) = PRF(premaster, \"extended master secret\", hash of the handshake "
                       "up to ClientKeyExchange): extended_master_secret was negotiated (RFC 7627, 4), which binds it "
                       "to this transcript.")
                   : _("2. master secret (48 bytes) = PRF(premaster, \"master secret\", client_random ‖ server_random) "
                       "(RFC 5246, 8.1). Not bound to the transcript: extended_master_secret was not negotiated."));
    if ((p->version >= WT_TLS12 || p->version == WT_TLCP) && prf)
        say(x, _("   The PRF is P_hash with HMAC-%s (RFC 5246, 5)."), prf->name);
    else if (p->version >= WT_TLS10)
        say(x, _("   The PRF is P_MD5 over one half of the secret XOR P_SHA1 over the other half (RFC 2246, 5)."));
    say(x,
        _("3. key block = PRF(master secret, \"key expansion\", server_random ‖ client_random): %u bytes here, split "
          "into six parts in this order (RFC 5246, 6.3):"),
        sum);
    say(x,
        _("   client MAC key %u, server MAC key %u, client key %u, server key %u, client IV %u, server IV %u bytes."),
        mac_length, mac_length, cipher->effective, cipher->effective, iv, iv);
    say(x, _("   Each direction has its own keys: with shared keys an attacker could reflect a record to its sender, "
             "and key streams or nonces would be reused."));
    if (!mac_length)
        say(x, _("   MAC keys are empty: an AEAD encrypts and authenticates with one key."));
    if (iv == 0 && cipher->mode == WT_MODE_CBC)
        say(x, _("   IVs are empty: since TLS 1.1 each record carries its own."));
}

static void keys13(struct wt_text *x, const struct wt_suite *s, const struct wt_explain_protection *p)
{
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)s->prf);
    const struct wt_cipher *cipher = wt_cipher_of((enum wt_cipher_id)s->cipher);
    say(x,
        _("The key schedule (RFC 8446, 7.1) derives secrets of %u bytes with HKDF-%s: Extract mixes in a new secret, "
          "Expand-Label derives labelled ones with the transcript hash at that point."),
        hash ? hash->length : 0, hash ? hash->name : "?");
    say(x, p->resumption == WT_RESUMPTION_PSK
               ? _("1. early secret = Extract(0, PSK). From it: the binder key and, with the ClientHello, the client "
                   "early traffic secret for 0-RTT data.")
               : _("1. early secret = Extract(0, PSK); without a PSK, zero bytes take its place."));
    say(x,
        _("2. handshake secret = Extract(derived from 1, (EC)DHE secret). From it, with ClientHello…ServerHello: the "
          "client and server handshake traffic secrets, for the rest of the handshake and for the Finished keys."));
    say(x, _("3. master secret = Extract(derived from 2, zero bytes). From it, with ClientHello…server Finished: "
             "client and server application traffic secret 0, and the exporter secret; with …client Finished: the "
             "resumption secret, from which the PSKs of tickets are derived."));
    say(x,
        _("From each traffic secret: key = Expand-Label(secret, \"key\"), %u bytes, and iv = Expand-Label(secret, "
          "\"iv\"), 12 bytes (7.3). There are no MAC keys. A secret gives access to what is derived from it, but not "
          "to its siblings."),
        cipher->key);
}

static void keys(struct wt_text *x, const struct wt_explain_protection *p)
{
    const struct wt_suite *s = p->has_suite ? wt_suite_find(p->suite) : NULL;
    if (!s || s->cipher >= WT_CIPHER_COUNT)
        return;
    wt_text_headline(x, _("key derivation"));
    if (wt_version_is_tls13(p->version))
        keys13(x, s, p);
    else
        keys12(x, s, p);
    if (p->keys && !x->options->secrets)
        say(x, _("For this connection's actual values use --secrets; for one record step by step, --record NUMBER."));
}

void wt_explain_protection(struct wt_text *x, const struct wt_explain_protection *p)
{
    records(x, p);
    keys(x, p);
}

void wt_explain_end(struct wt_text *x)
{
    struct wt_explain_protection p;
    wt_explain_protection_of(&p, x->c);
    wt_explain_protection(x, &p);
}
