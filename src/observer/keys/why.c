/* Why what passed encrypted was not opened, in one sentence. */
#include "observer/keys/why.h"

#include "base/i18n.h"
#include "base/uninitialized.h"
#include "observer/keys/opener.h"
#include "observer/state.h"
#include "wording/wording.h"

#include <inttypes.h>
#include <stdio.h>

/* A store that holds nothing: whether anything was given, and what became of it. False: the words are in `out`. */
static bool nothing_given(const struct wt_observer *o, char *out, size_t size)
{
    struct wt_keylog_count count = {0};
    const struct wt_problem *problem = NULL;
    char why[256];
    if (o->options.keys) {
        count = wt_keylog_count(wt_keys_keylog(o->options.keys));
        problem = wt_keylog_first_fault(wt_keys_keylog(o->options.keys));
    }
    if (!count.sources)
        return true;
    if (!count.looked)
        (void)snprintf(out, size, _("A key log was given, but it has no lines other than comments (yet)."));
    else if (!problem)
        (void)snprintf(out, size,
                       ngettext_("A key log was given, but its %" PRIu64
                                 " line has a secret that follows from another one, which is "
                                 "what opens a connection (CLIENT_TRAFFIC_SECRET_0, SERVER_TRAFFIC_SECRET_0).",
                                 "A key log was given, but its %" PRIu64
                                 " lines have secrets that follow from others, which are "
                                 "what opens a connection (CLIENT_TRAFFIC_SECRET_0, SERVER_TRAFFIC_SECRET_0).",
                                 count.looked),
                       count.looked);
    else if (wt_problem_format(problem, why, sizeof why))
        (void)snprintf(out, size,
                       ngettext_("A key log was given, but its %" PRIu64 " line could not be read: %s.",
                                 "A key log was given, but none of its %" PRIu64 " lines could be read: %s.",
                                 count.looked),
                       count.looked, why);
    return false;
}

/* Whose secrets the key log has, when they are not this connection's. */
static void add_fits(const struct wt_observer *o, const struct wt_tls *tls, char *out, size_t size)
{
    struct wt_keylog_count count = wt_keylog_count(wt_keys_keylog(o->options.keys));
    char base[512];
    if (!count.randoms || (tls->keys && tls->keys->in_log) || !wt_flow_has(&tls->flow, WT_FACT_CLIENT_HELLO))
        return;
    size_t n = strlen(out);
    if (n >= sizeof base)
        return;
    memcpy(base, out, n + 1);
    if (!o->fits.connections)
        (void)snprintf(out, size,
                       _("%s Client randoms in the key log: %" PRIu64 "; none of them has been seen so far."), base,
                       count.randoms);
    else if (o->fits.file == o->file_number)
        (void)snprintf(out, size,
                       _("%s Client randoms in the key log: %" PRIu64
                         "; connections seen so far that have one: %" PRIu64 ", such as stream %" PRIu32 "."),
                       base, count.randoms, o->fits.connections, o->fits.stream);
    else
        (void)snprintf(
            out, size,
            _("%s Client randoms in the key log: %" PRIu64 "; connections seen so far that have one: %" PRIu64 "."),
            base, count.randoms, o->fits.connections);
}

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

/* A private key, or a pre-shared key, that was given and is not enough. */
static void private_key_sentence(const struct wt_tls *tls, enum wt_why why, char *out, size_t size)
{
    const struct wt_group *group = tls->agreed.group ? wt_group_find(tls->agreed.group) : NULL;
    if (why == WT_WHY_RSA)
        (void)snprintf(out, size, _("None of the private keys given decrypts this connection's premaster secret."));
    else if (why == WT_WHY_RESUMED)
        (void)snprintf(out, size,
                       _("The session was resumed: a private key decrypts only the full handshake that made it, which "
                         "was not decrypted here."));
    else
        (void)snprintf(out, size,
                       _("The keys depend on an ephemeral key exchange (%s): a private key or pre-shared key is not "
                         "enough, a key log is needed."),
                       group ? group->name : _("Diffie-Hellman"));
}

/* Secrets that came after what they do not open: of that one all that can be said now is that they are without it. */
static enum wt_why why_of(const struct wt_tls *tls, const struct wt_opener *op)
{
    return op->why == WT_WHY_NO_SECRET && wt_tls_is_13(tls) && tls->keys->in_log ? WT_WHY_NO_LABEL
                                                                                 : (enum wt_why)op->why;
}

static void sentence(const struct wt_tls *tls, const struct wt_opener *op, unsigned side, char *out, size_t size)
{
    const char *from = _(wt_tls_sender_within(side));
    char random[65] = "";
    random_hex(tls, random);
    switch (why_of(tls, op)) {
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
    case WT_WHY_TRANSCRIPT:
        (void)snprintf(out, size,
                       _("The premaster secret is known, but the extended master secret (RFC 7627) also needs every "
                         "handshake message, and some are not in the capture."));
        break;
    case WT_WHY_RSA:
    case WT_WHY_RESUMED:
    case WT_WHY_FRESH:
        private_key_sentence(tls, (enum wt_why)op->why, out, size);
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

/* One side is ours: what its secrets do not open nobody opens. False: another reason holds. */
static bool own_sentence(const struct wt_opener *op, unsigned side, char *out, size_t size)
{
    const unsigned why = op ? op->why : WT_WHY_NO_SECRET;
    if (why == WT_WHY_NO_SECRET || why == WT_WHY_NO_LABEL || why == WT_WHY_FRESH || why == WT_WHY_RESUMED)
        (void)snprintf(out, size,
                       _("There are no keys for it: the handshake ended before this side had derived them."));
    else if (op->stopped && !op->failed && why != WT_WHY_LATE)
        (void)snprintf(out, size, _("None of this side's keys decrypts a record from %s."),
                       _(wt_tls_sender_within(side)));
    else
        return false;
    return true;
}

const char *wt_why_not(struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    char text[1024] WT_UNINITIALIZED;
    unsigned side = 0;
    if (!was_encrypted(tls))
        return NULL;
    const bool own = o->options.own_secrets;
    bool any = own || (o->options.keys && wt_keys_any(o->options.keys));
    if (!any && nothing_given(o, text, sizeof text))
        return _("No key log or other secret was given.");
    if (!any)
        return (const char *)wt_arena_copy(&o->story, wt_span_text(text)).p;
    if (tls->agreed.version == WT_SSL2)
        return _("SSL 2.0 cannot be decrypted here.");
    const struct wt_opener *op = tls->keys ? worst(tls, &side) : NULL;
    if (tls->keys && !op)
        return NULL;
    if (own && own_sentence(op, side, text, sizeof text))
        return (const char *)wt_arena_copy(&o->story, wt_span_text(text)).p;
    if (op)
        sentence(tls, op, side, text, sizeof text);
    else if (!(tls->flow.facts & WT_FACT_CLIENT_HELLO))
        (void)snprintf(text, sizeof text,
                       _("The ClientHello is not in the capture; secrets are looked up by its random."));
    else
        (void)snprintf(text, sizeof text, _("None of the secrets given belongs to this connection."));
    if (!op || op->why == WT_WHY_NO_SECRET || op->why == WT_WHY_FRESH)
        add_fits(o, tls, text, sizeof text);
    return (const char *)wt_arena_copy(&o->story, wt_span_text(text)).p;
}
