#include "keys/schedule.h"

#include "base/writer.h"

enum { LABEL_MOST = 255, CONTEXT_MOST = 255, INFO_MOST = 2 + 1 + LABEL_MOST + 1 + CONTEXT_MOST, IV = 12 };

/* One secret as its row has it. For a trunk secret `from` is the salt, and `label` what is mixed in. */
struct row {
    const char *id, *from, *label, *old, *why, *rfc;
};

static const struct row branches[] = {
#define WT_BRANCH(ID, id, trunk, label, old, why, rfc) [WT_BRANCH_##ID] = {id, trunk, label, old, why, rfc},
#include "keys/schedule.def"
#undef WT_BRANCH
};

enum twig {
#define WT_TWIG(ID, id, from, label, old, why, rfc) TWIG_##ID,
#include "keys/schedule.def"
#undef WT_TWIG
    TWIGS
};

static const struct row twigs[TWIGS] = {
#define WT_TWIG(ID, id, from, label, old, why, rfc) {id, from, label, old, why, rfc},
#include "keys/schedule.def"
#undef WT_TWIG
};

enum trunk {
#define WT_TRUNK(ID, id, name, salt, ikm, why, rfc) TRUNK_##ID,
#include "keys/schedule.def"
#undef WT_TRUNK
    TRUNKS
};

static const struct trunk_row {
    const char *id, *name, *salt, *ikm, *why, *rfc;
} trunks[TRUNKS] = {
#define WT_TRUNK(ID, id, name, salt, ikm, why, rfc) {id, name, salt, ikm, why, rfc},
#include "keys/schedule.def"
#undef WT_TRUNK
};

static const uint8_t zeros[WT_DIGEST_MOST];

/* The draft of a version; of RFC 8446, and of what others numbered otherwise after draft 20, more than any draft. */
static unsigned draft_of(const struct wt_schedule *s)
{
    return s->version >> 8 == 0x7f ? s->version & 0xff : 0xff;
}

/* draft-ietf-tls-tls13-20, 1.2: "Shorten labels for HKDF-Expand-Label so that we can fit within one compression
 * block". */
static bool old_labels(const struct wt_schedule *s)
{
    return draft_of(s) < 20;
}

static const char *label_of(const struct wt_schedule *s, const struct row *row)
{
    return old_labels(s) ? row->old : row->label;
}

static const struct row *row_of(const char *id)
{
    for (size_t i = 0; i < sizeof branches / sizeof branches[0]; i++)
        if (strcmp(branches[i].id, id) == 0)
            return &branches[i];
    for (size_t i = 0; i < TWIGS; i++)
        if (strcmp(twigs[i].id, id) == 0)
            return &twigs[i];
    return NULL;
}

bool wt_schedule_start(struct wt_schedule *s, struct wt_crypto *crypto, enum wt_hash_id hash, uint16_t version,
                       const struct wt_steps *steps)
{
    const struct wt_hash_info *info = wt_hash_info_of(hash);
    *s = (struct wt_schedule){.crypto = crypto, .hash = hash, .version = version, .steps = steps};
    if (!info || !info->length || info->length > WT_DIGEST_MOST || !wt_crypto_md(crypto, hash))
        return false;
    s->length = info->length;
    return true;
}

/* RFC 9147, 5.9: "For DTLS 1.3, that label SHALL be "dtls13". [...] Note that there is no trailing space". */
static const char *prefix_of(const struct wt_schedule *s)
{
    return wt_version_is_dtls13(s->version) ? "dtls13" : old_labels(s) ? "TLS 1.3, " : "tls13 ";
}

/* RFC 8446, 7.1: what HKDF-Expand gets as info:
 *     struct { uint16 length = Length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255> = Context; }
 * Returns its span within `room`, empty when something is longer than that; *full is the label with what stands before
 * it. */
static struct wt_span hkdf_label(const struct wt_schedule *s, const char *label, struct wt_span context, size_t n,
                                 uint8_t room[INFO_MOST], struct wt_span *full)
{
    struct wt_writer w = wt_writer_start(room, INFO_MOST);
    struct wt_span info = {0};
    if (n > UINT16_MAX)
        return info;
    wt_write_u16(&w, (uint16_t)n);
    size_t mark = wt_write_open(&w, 1);
    size_t start = w.n;
    wt_write_bytes(&w, wt_span_text(prefix_of(s)));
    wt_write_bytes(&w, wt_span_text(label));
    *full = wt_span_of(room + start, w.n - start);
    wt_write_close(&w, mark, 1, 7, LABEL_MOST, "label");
    wt_write_opaque(&w, context, 1, 0, CONTEXT_MOST, "context");
    return wt_writer_done(&w, &info) == WT_OK ? info : (struct wt_span){0};
}

struct expansion {
    const char *id, *function;
    const struct row *row; /* or NULL: a use that has none */
    const char *label;     /* the row's, except for exporters */
    struct wt_span secret, context;
};

static void say_expansion(const struct wt_schedule *s, const struct expansion *e, struct wt_span label,
                          struct wt_span info, struct wt_span out)
{
    bool derive = strcmp(e->function, "Derive-Secret") == 0;
    const struct wt_step_part in[] = {
        {e->row && !e->row->label ? "Secret"
         : e->row                 ? e->row->from
                                  : "Secret",
         e->secret, false},
        {"Label", label, true},
        {derive ? "Transcript-Hash(Messages)" : "Context", e->context, false},
        {"Length", wt_span_cut(info, 0, 2), false},
        {"HkdfLabel", info, false},
    };
    wt_steps_say(s->steps, &(struct wt_step){
                               .id = e->id,
                               .function = e->function,
                               .why = e->row ? e->row->why : NULL,
                               .rfc = e->row ? e->row->rfc : "RFC 8446, 7.1",
                               .in = in,
                               .in_count = sizeof in / sizeof in[0],
                               .out = {e->id, out, false},
                           });
}

static bool expand(const struct wt_schedule *s, const struct expansion *e, uint8_t *out, size_t n)
{
    uint8_t room[INFO_MOST];
    struct wt_span label, info = hkdf_label(s, e->label, e->context, n, room, &label);
    if (!info.n || !n || wt_hkdf_expand(s->crypto, s->hash, e->secret, info, out, n) != n)
        return false;
    if (s->steps)
        say_expansion(s, e, label, info, wt_span_of(out, n));
    return true;
}

static bool expand_twig(const struct wt_schedule *s, enum twig twig, struct wt_span secret, struct wt_span context,
                        uint8_t *out, size_t n)
{
    const struct row *row = &twigs[twig];
    return expand(s, &(struct expansion){row->id, "HKDF-Expand-Label", row, label_of(s, row), secret, context}, out, n);
}

bool wt_expand_label(const struct wt_schedule *s, const char *id, struct wt_span secret, const char *label,
                     struct wt_span context, uint8_t *out, size_t n)
{
    return expand(s, &(struct expansion){id, "HKDF-Expand-Label", s->steps ? row_of(id) : NULL, label, secret, context},
                  out, n);
}

bool wt_derive_secret(const struct wt_schedule *s, const char *id, struct wt_span secret, const char *label,
                      struct wt_span transcript_hash, uint8_t *out)
{
    return expand(s, &(struct expansion){id, "Derive-Secret", row_of(id), label, secret, transcript_hash}, out,
                  s->length);
}

/* Derive-Secret(secret, label, ""). */
static bool derive_of_nothing(const struct wt_schedule *s, const struct row *row, const char *label,
                              struct wt_span secret, uint8_t *out)
{
    uint8_t empty[WT_DIGEST_MOST];
    size_t n = wt_digest(s->crypto, s->hash, (struct wt_span){0}, empty);
    return n == s->length &&
           expand(s, &(struct expansion){row->id, "Derive-Secret", row, label, secret, wt_span_of(empty, n)}, out, n);
}

/* RFC 8446, 7.1: "If a given secret is not available, then the 0-value consisting of a string of Hash.length bytes set
 * to zeros is used." */
static bool extract(const struct wt_schedule *s, enum trunk trunk, struct wt_span salt, struct wt_span ikm,
                    uint8_t *out)
{
    const struct trunk_row *row = &trunks[trunk];
    uint8_t prk[WT_DIGEST_MOST];
    if (!salt.n)
        salt = wt_span_of(zeros, s->length);
    if (!ikm.n && trunk != TRUNK_QUIC_INITIAL)
        ikm = wt_span_of(zeros, s->length);
    bool done = wt_hkdf_extract(s->crypto, s->hash, salt, ikm, prk) == s->length;
    if (done) {
        const struct wt_step_part in[] = {{row->salt, salt, false}, {row->ikm, ikm, false}};
        wt_steps_say(s->steps, &(struct wt_step){.id = row->id,
                                                 .function = "HKDF-Extract",
                                                 .why = row->why,
                                                 .rfc = row->rfc,
                                                 .in = in,
                                                 .in_count = 2,
                                                 .out = {row->name, wt_span_of(prk, s->length), false}});
        memcpy(out, prk, s->length);
    }
    wt_wipe(prk, sizeof prk);
    return done;
}

/* The trunk's next secret. Before draft 19 the last one was the salt itself, without a Derive-Secret in between. */
static bool climb(const struct wt_schedule *s, enum trunk trunk, const uint8_t *from, struct wt_span ikm, uint8_t *out)
{
    uint8_t derived[WT_DIGEST_MOST] = {0};
    struct wt_span secret = wt_span_of(from, s->length);
    if (draft_of(s) < 19)
        return extract(s, trunk, secret, ikm, out);
    const struct row *row = &twigs[TWIG_DERIVED];
    bool done = derive_of_nothing(s, row, label_of(s, row), secret, derived) &&
                extract(s, trunk, wt_span_of(derived, s->length), ikm, out);
    wt_wipe(derived, sizeof derived);
    return done;
}

bool wt_quic_initial_secret(const struct wt_schedule *s, struct wt_span salt, struct wt_span dcid, uint8_t *initial)
{
    return extract(s, TRUNK_QUIC_INITIAL, salt, dcid, initial);
}

bool wt_early_secret(const struct wt_schedule *s, struct wt_span psk, uint8_t *early)
{
    return extract(s, TRUNK_EARLY, (struct wt_span){0}, psk, early);
}

bool wt_handshake_secret(const struct wt_schedule *s, const uint8_t *early, struct wt_span shared, uint8_t *handshake)
{
    return climb(s, TRUNK_HANDSHAKE, early, shared, handshake);
}

bool wt_master_secret13(const struct wt_schedule *s, const uint8_t *handshake, uint8_t *master)
{
    return climb(s, TRUNK_MASTER, handshake, (struct wt_span){0}, master);
}

bool wt_branch_secret(const struct wt_schedule *s, enum wt_branch branch, const uint8_t *trunk,
                      struct wt_span transcript_hash, uint8_t *out)
{
    const struct row *row = &branches[branch];
    struct wt_span secret = wt_span_of(trunk, s->length);
    if (branch == WT_BRANCH_EXTERNAL_BINDER || branch == WT_BRANCH_RESUMPTION_BINDER)
        return derive_of_nothing(s, row, label_of(s, row), secret, out);
    return expand(s, &(struct expansion){row->id, "Derive-Secret", row, label_of(s, row), secret, transcript_hash}, out,
                  s->length);
}

bool wt_traffic_key(const struct wt_schedule *s, struct wt_span secret, size_t key_length, uint8_t *key, uint8_t iv[12])
{
    const struct wt_span none = {0};
    return expand_twig(s, TWIG_KEY, secret, none, key, key_length) && expand_twig(s, TWIG_IV, secret, none, iv, IV);
}

bool wt_record_number_key(const struct wt_schedule *s, struct wt_span secret, size_t key_length, uint8_t *key)
{
    return expand_twig(s, TWIG_SN_KEY, secret, (struct wt_span){0}, key, key_length);
}

bool wt_traffic_update(const struct wt_schedule *s, uint8_t *secret)
{
    uint8_t next[WT_DIGEST_MOST];
    bool done = expand_twig(s, TWIG_UPDATE, wt_span_of(secret, s->length), (struct wt_span){0}, next, s->length);
    if (done)
        memcpy(secret, next, s->length);
    wt_wipe(next, sizeof next);
    return done;
}

bool wt_verify_data13(const struct wt_schedule *s, struct wt_span base_key, struct wt_span transcript_hash,
                      uint8_t *out)
{
    uint8_t key[WT_DIGEST_MOST] = {0}, data[WT_DIGEST_MOST];
    struct wt_span finished_key = wt_span_of(key, s->length);
    bool done = expand_twig(s, TWIG_FINISHED, base_key, (struct wt_span){0}, key, s->length) &&
                wt_hmac(s->crypto, s->hash, finished_key, &transcript_hash, 1, data) == s->length;
    if (done) {
        const struct wt_step_part in[] = {{"finished_key", finished_key, false},
                                          {"Transcript-Hash(Messages)", transcript_hash, false}};
        wt_steps_say(s->steps, &(struct wt_step){.id = "verify_data",
                                                 .function = "HMAC",
                                                 .rfc = "RFC 8446, 4.4.4",
                                                 .in = in,
                                                 .in_count = 2,
                                                 .out = {"verify_data", wt_span_of(data, s->length), false}});
        memcpy(out, data, s->length);
    }
    wt_wipe(key, sizeof key);
    return done;
}

/* Nonces came with draft 21, 1.2: "Add a per-ticket nonce so that each ticket is associated with a different PSK".
 * Before, every ticket's PSK was the resumption master secret itself. */
bool wt_ticket_psk(const struct wt_schedule *s, const uint8_t *resumption_master, struct wt_span nonce, uint8_t *psk)
{
    struct wt_span secret = wt_span_of(resumption_master, s->length);
    if (draft_of(s) >= 21)
        return expand_twig(s, TWIG_TICKET, secret, nonce, psk, s->length);
    memmove(psk, resumption_master, s->length);
    return true;
}

/* RFC 8446, 7.5: "TLS-Exporter(label, context_value, key_length) = HKDF-Expand-Label(Derive-Secret(Secret, label, ""),
 * "exporter", Hash(context_value), key_length)"; before draft 19 HKDF-Expand-Label(Secret, label, context_value,
 * key_length). */
bool wt_exporter13(const struct wt_schedule *s, const uint8_t *exporter_master, const char *label,
                   struct wt_span context, uint8_t *out, size_t n)
{
    const struct row *row = &twigs[TWIG_EXPORTED];
    struct wt_span secret = wt_span_of(exporter_master, s->length);
    if (draft_of(s) < 19)
        return expand(s, &(struct expansion){row->id, "HKDF-Expand-Label", row, label, secret, context}, out, n);
    uint8_t derived[WT_DIGEST_MOST], hashed[WT_DIGEST_MOST];
    bool done = derive_of_nothing(s, &twigs[TWIG_EXPORTER_LABEL], label, secret, derived) &&
                wt_digest(s->crypto, s->hash, context, hashed) == s->length &&
                expand_twig(s, TWIG_EXPORTED, wt_span_of(derived, s->length), wt_span_of(hashed, s->length), out, n);
    wt_wipe(derived, sizeof derived);
    return done;
}

/* RFC 8446, 4.4.3: "A string that consists of octet 32 (0x20) repeated 64 times", "The context string", "A single 0
 * byte which serves as the separator", "The content to be signed". The spaces keep a TLS 1.2 signature, whose first 64
 * bytes are the randoms, from being one of these. */
size_t wt_signed13(unsigned side, struct wt_span transcript_hash, uint8_t out[WT_SIGNED13_MOST])
{
    struct wt_writer w = wt_writer_start(out, WT_SIGNED13_MOST);
    struct wt_span all;
    for (unsigned i = 0; i < 8; i++)
        wt_write_number(&w, 0x2020202020202020, 8);
    wt_write_bytes(&w, wt_span_text(side ? "TLS 1.3, server CertificateVerify" : "TLS 1.3, client CertificateVerify"));
    wt_write_u8(&w, 0);
    wt_write_bytes(&w, transcript_hash);
    return wt_writer_done(&w, &all) == WT_OK ? all.n : 0;
}
