/* Why what passed encrypted was not opened, in one sentence. */
#include "observer/keys/why.h"

#include "base/i18n.h"
#include "observer/keys/opener.h"
#include "observer/state.h"
#include "wording/wording.h"

#include <inttypes.h>
#include <stdio.h>

/* Whether anything passed that only keys open. */
static bool was_encrypted(const struct wt_tls *tls)
{
    if (tls->agreed.version == WT_SSL2)
        return tls->side[0].cover == WT_COVER_KEYS;
    if (wt_tls_is_13(tls))
        return tls->side[0].hidden || tls->side[1].hidden;
    return tls->side[0].cover == WT_COVER_KEYS || tls->side[1].cover == WT_COVER_KEYS;
}

/* The from that says most: one that something stopped; then one that anything passed unopened in. */
static const struct wt_opener *worst(const struct wt_tls *tls, unsigned *side)
{
    const struct wt_keyring *s = tls->keys;
    const struct wt_opener *found = NULL;
    for (unsigned i = 0; i < 2; i++) {
        if (s->by[i].unopened && (!found || (!found->why && s->by[i].why))) {
            found = &s->by[i];
            *side = i;
        }
    }
    return found;
}

static void random_hex(const struct wt_tls *tls, char out[65])
{
    for (size_t i = 0; tls->keys && i < 32; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", tls->keys->client_random[i]);
}

static void cipher_sentence(const struct wt_tls *tls, char *out, size_t size)
{
    const struct wt_suite *suite = tls->agreed.has_suite ? wt_suite_find(tls->agreed.suite) : NULL;
    const struct wt_cipher *cipher = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher) : NULL;
    if (!cipher)
        (void)snprintf(out, size, _("Cipher suite 0x%04x is unknown here, so its records cannot be decrypted."),
                       tls->agreed.suite);
    else
        (void)snprintf(out, size, _("The secrets are known, but this libcrypto does not support %s (it lacks %s)."),
                       suite->name, cipher->name);
}

/* Keys were there: what became of them. */
static void opening_sentence(const struct wt_opener *op, const char *random, const char *from, char *out, size_t size)
{
    if (op->failed)
        (void)snprintf(out, size, _("%s at record %" PRIu32 " from %s."),
                       _(wt_wording_opening((enum wt_opening)op->opening)), op->failed_record, from);
    else if (op->stopped)
        (void)snprintf(out, size,
                       _("No key for client random %s decrypts any record from %s: the secrets may belong to "
                         "another connection."),
                       random, from);
    else
        (void)snprintf(out, size, _("No secret was found for client random %s."), random);
}

static void sentence(const struct wt_tls *tls, const struct wt_opener *op, unsigned side, char *out, size_t size)
{
    const char *from = _(wt_tls_sender_within(side));
    char random[65] = "";
    random_hex(tls, random);
    switch ((enum wt_why)op->why) {
    case WT_WHY_NO_LABEL:
        (void)snprintf(out, size, _("The secrets given for client random %s do not include %s."), random,
                       wt_label_name((enum wt_label)op->label));
        break;
    case WT_WHY_LENGTH:
        (void)snprintf(
            out, size,
            _("The secret %s is %" PRIu64 " bytes long, but the hash of this cipher suite needs %" PRIu64 "."),
            wt_label_name((enum wt_label)op->label), op->why_a, op->why_b);
        break;
    case WT_WHY_NO_HELLO:
        (void)snprintf(
            out, size,
            _("The hellos are not in the capture, and keys cannot be derived without both of their randoms."));
        break;
    case WT_WHY_CIPHER:
        cipher_sentence(tls, out, size);
        break;
    case WT_WHY_GAP:
        (void)snprintf(out, size,
                       _("The capture lacks %" PRIu64 " bytes before record %" PRIu64
                         " from %s; nothing after that can be decrypted."),
                       op->why_a, op->why_b, from);
        break;
    case WT_WHY_RSA:
        (void)snprintf(out, size, _("None of the private keys given decrypts this connection's premaster secret."));
        break;
    case WT_WHY_TRANSCRIPT:
        (void)snprintf(out, size,
                       _("The premaster secret is known, but the extended master secret (RFC 7627) also needs every "
                         "handshake message, and some are not in the capture."));
        break;
    case WT_WHY_FRESH:
        (void)snprintf(out, size,
                       _("The keys depend on an ephemeral key exchange (%s): a private key or pre-shared key is not "
                         "enough, a key log is needed."),
                       tls->agreed.group && wt_group_find(tls->agreed.group) ? wt_group_find(tls->agreed.group)->name
                                                                             : _("Diffie-Hellman"));
        break;
    case WT_WHY_NO_SECRET:
        (void)snprintf(out, size, _("No secret was found for client random %s."), random);
        break;
    case WT_WHY_LATE:
        (void)snprintf(out, size,
                       op->stopped
                           ? _("The secret became available after %" PRIu64
                               " records from %s; this cipher cannot be picked up midstream.")
                           : _("The secret became available after %" PRIu64 " records from %s, which stay encrypted."),
                       op->why_a, from);
        break;
    default:
        opening_sentence(op, random, from, out, size);
    }
}

const char *wt_why_not(struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    char text[512];
    unsigned side = 0;
    if (!was_encrypted(tls))
        return NULL;
    if (!o->options.keys || !wt_keys_any(o->options.keys))
        return _("No key log or other secret was given.");
    if (tls->agreed.version == WT_SSL2)
        return _("SSL 2.0 cannot be decrypted here.");
    const struct wt_opener *op = tls->keys ? worst(tls, &side) : NULL;
    if (tls->keys && !op)
        return NULL;
    if (op)
        sentence(tls, op, side, text, sizeof text);
    else if (!(tls->flow.facts & WT_FACT_CLIENT_HELLO))
        (void)snprintf(text, sizeof text,
                       _("The ClientHello is not in the capture; secrets are looked up by its random."));
    else
        (void)snprintf(text, sizeof text, _("None of the secrets given belongs to this connection."));
    return (const char *)wt_arena_copy(&o->story, wt_span_text(text)).p;
}
