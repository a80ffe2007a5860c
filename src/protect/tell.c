/* How a record was protected, told from the plaintext outwards as its sender did it: out of the notes that were taken
 * while it was sealed or opened, so that nothing is shown which was not computed. What a failed opening did not come to
 * know is left out. Keys are not shown here: a record's way can be passed on without giving the connection away. */
#include "protect/tell.h"

#include "base/buffer.h"
#include "protect/format.h"

struct telling {
    const struct wt_protector *p;
    const struct wt_notes *n;
    const struct wt_steps *steps;
    uint8_t sequence[8];
};

static const char *const hmacs[WT_HASH_COUNT] = {
    [WT_HASH_MD5] = "HMAC-MD5",       [WT_HASH_SHA1] = "HMAC-SHA1",     [WT_HASH_SHA224] = "HMAC-SHA224",
    [WT_HASH_SHA256] = "HMAC-SHA256", [WT_HASH_SHA384] = "HMAC-SHA384", [WT_HASH_SHA512] = "HMAC-SHA512",
    [WT_HASH_SM3] = "HMAC-SM3",       [WT_HASH_RMD160] = "HMAC-RMD160",
};

/* What failed: the ids of wording/openings.def. */
static const char *const failures[] = {
    [WT_OPENED] = NULL,
    [WT_OPEN_TOO_SHORT] = "open_too_short",
    [WT_OPEN_NOT_BLOCKS] = "open_not_blocks",
    [WT_OPEN_BAD_PADDING] = "open_bad_padding",
    [WT_OPEN_BAD_MAC] = "open_bad_mac",
    [WT_OPEN_NO_TYPE] = "open_no_type",
    [WT_OPEN_BAD_COMPRESSION] = "open_bad_compression",
    [WT_OPEN_TOO_LONG] = "open_too_long",
};

/* Where each version says it. */
enum { FRAGMENT, COMPRESS, MAC, BLOCK, SECTIONS };
static const char *const sections[][SECTIONS] = {
    {"RFC 6101, 5.2.1", "RFC 6101, 5.2.2", "RFC 6101, 5.2.3.1", "RFC 6101, 5.2.3.2"},
    {"RFC 2246, 6.2.1", "RFC 2246, 6.2.2", "RFC 2246, 6.2.3.1", "RFC 2246, 6.2.3.2"},
    {"RFC 4346, 6.2.1", "RFC 4346, 6.2.2", "RFC 4346, 6.2.3.1", "RFC 4346, 6.2.3.2"},
    {"RFC 5246, 6.2.1", "RFC 5246, 6.2.2", "RFC 5246, 6.2.3.1", "RFC 5246, 6.2.3.2"},
};

static const char *section(const struct telling *t, int which)
{
    unsigned row = t->p->version - WT_SSL3;
    return row < 4 ? sections[row][which] : "GB/T 38636";
}

static struct wt_step_part part(const char *name, struct wt_span bytes)
{
    return (struct wt_step_part){.name = name, .bytes = bytes};
}

static struct wt_step_part noted(const struct telling *t, const char *name, enum wt_note what)
{
    return part(name, t->n->at[what]);
}

static bool has(const struct telling *t, enum wt_note what)
{
    return t->n->at[what].p != NULL;
}

enum { PARTS_MOST = 8 };

/* A step whose outcome is not known is not told; neither is an input that is not. */
static void say(const struct telling *t, struct wt_step step, const struct wt_step_part *in, size_t count)
{
    struct wt_step_part known[PARTS_MOST];
    size_t n = 0;
    for (size_t i = 0; i < count && n < PARTS_MOST; i++)
        if (in[i].bytes.p)
            known[n++] = in[i];
    step.in = known;
    step.in_count = n;
    if (step.out.bytes.p)
        wt_steps_say(t->steps, &step);
}

#define SAY(t, in, ...) say(t, (struct wt_step){__VA_ARGS__}, in, sizeof(in) / sizeof *(in))

static struct telling begin(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    struct telling t = {.p = p, .n = notes, .steps = steps};
    wt_put64(t.sequence, notes->sequence);
    return t;
}

static struct wt_step_part header_part(const struct telling *t, const char *name, size_t from, size_t n)
{
    return part(name, wt_span_cut(t->n->at[WT_NOTE_HEADER], from, n));
}

/* The fragment, and what compression makes of it. */
static void tell_fragment(const struct telling *t, const char *rfc)
{
    const struct wt_step_part type[] = {has(t, WT_NOTE_TYPE) ? noted(t, "type", WT_NOTE_TYPE)
                                                             : header_part(t, "type", 0, 1)};
    SAY(t, type, .id = "fragment", .function = "cut", .rfc = rfc, .out = noted(t, "fragment", WT_NOTE_TEXT));
    const struct wt_step_part text[] = {noted(t, "fragment", WT_NOTE_TEXT)};
    SAY(t, text, .id = "compressed", .function = "DEFLATE", .rfc = "RFC 3749, 2",
        .out = noted(t, "compressed", WT_NOTE_COMPRESSED));
}

static struct wt_step_part content(const struct telling *t)
{
    return has(t, WT_NOTE_COMPRESSED) ? noted(t, "compressed", WT_NOTE_COMPRESSED) : noted(t, "fragment", WT_NOTE_TEXT);
}

/* RFC 9146, 5: what it is of a record with a connection id. */
static void tell_pseudo_cid(const struct telling *t, const char *id, const char *why, enum wt_note from)
{
    const struct wt_span all = t->n->at[from];
    const struct wt_step_part in[] = {
        part("seq_num_placeholder", wt_span_cut(all, 0, 8)),
        part("tls12_cid", wt_span_cut(all, 8, 1)),
        part("cid_length", wt_span_cut(all, 9, 1)),
        part("type", wt_span_cut(all, 10, 1)),
        part("version", wt_span_cut(all, 11, 2)),
        part("epoch", wt_span_cut(all, 13, 2)),
        part("sequence_number", wt_span_cut(all, 15, 6)),
        part("cid", wt_span_cut(all, 21, all.n - 23)),
        part("length", wt_span_cut(all, all.n - 2, 2)),
    };
    SAY(t, in, .id = id, .function = "join", .why = why, .rfc = "RFC 9146, 5", .out = noted(t, id, from));
}

/* seq_num, type, version, length of `from`, 8 bytes of sequence number first. SSL 3.0's has no version. */
static void tell_pseudo(const struct telling *t, const char *id, const char *why, const char *rfc, enum wt_note from)
{
    struct wt_span all = t->n->at[from];
    if (all.n >= WT_PSEUDO_CID) {
        tell_pseudo_cid(t, id, why, from);
        return;
    }
    size_t version = all.n == WT_PSEUDO ? 2 : 0;
    const struct wt_step_part in[] = {
        part("seq_num", wt_span_cut(all, 0, 8)),
        part("type", wt_span_cut(all, 8, 1)),
        part("version", version ? wt_span_cut(all, 9, 2) : (struct wt_span){0}),
        part("length", wt_span_cut(all, 9 + version, 2)),
    };
    SAY(t, in, .id = id, .function = "join", .why = why, .rfc = rfc, .out = noted(t, id, from));
}

static void tell_mac_ssl3(const struct telling *t)
{
    uint8_t pads[2][48];
    size_t n = t->p->suite->mac == WT_HASH_MD5 ? 48 : 40;
    const char *hash = hmacs[t->p->suite->mac] + strlen("HMAC-");
    memset(pads[0], 0x36, sizeof pads[0]);
    memset(pads[1], 0x5c, sizeof pads[1]);
    const struct wt_step_part inner[] = {part("pad_1", wt_span_of(pads[0], n)), noted(t, "mac_input", WT_NOTE_PSEUDO),
                                         noted(t, "content", WT_NOTE_AUTHENTIC)};
    SAY(t, inner, .id = "mac_inner", .function = hash, .rfc = section(t, MAC),
        .out = noted(t, "mac_inner", WT_NOTE_INNER_MAC));
    const struct wt_step_part outer[] = {part("pad_2", wt_span_of(pads[1], n)),
                                         noted(t, "mac_inner", WT_NOTE_INNER_MAC)};
    SAY(t, outer, .id = "mac", .function = hash, .why = "mac_ssl3", .rfc = section(t, MAC),
        .out = noted(t, "mac", WT_NOTE_MAC));
}

static void tell_mac(const struct telling *t)
{
    const struct wt_span mac = t->n->at[WT_NOTE_MAC];
    tell_pseudo(t, "mac_input", t->p->version == WT_SSL3 ? "mac_input_ssl3" : "mac_input", section(t, MAC),
                WT_NOTE_PSEUDO);
    if (t->p->hash) {
        tell_mac_ssl3(t);
    } else {
        const struct wt_step_part in[] = {noted(t, "mac_input", WT_NOTE_PSEUDO),
                                          noted(t, t->p->mac_outside ? "sealed" : "content", WT_NOTE_AUTHENTIC)};
        SAY(t, in, .id = "mac", .function = hmacs[t->p->suite->mac],
            .why = t->p->mac_outside ? "mac_over_record" : "mac",
            .rfc = t->p->mac_outside ? "RFC 7366, 3" : section(t, MAC), .out = noted(t, "mac", WT_NOTE_MAC));
    }
    const struct wt_step_part whole[] = {noted(t, "mac", WT_NOTE_MAC)};
    if (mac.n > t->p->mac_n)
        SAY(t, whole, .id = "mac_truncated", .function = "cut", .rfc = "RFC 6066, 7",
            .out = part("mac", wt_span_cut(mac, 0, t->p->mac_n)));
    const struct wt_step_part sent[] = {part("mac", wt_span_cut(mac, 0, t->p->mac_n))};
    SAY(t, sent, .id = "mac_found", .function = "compare",
        .why = wt_span_equal(sent[0].bytes, t->n->at[WT_NOTE_MAC_FOUND]) ? "mac_found_same" : "mac_found_other",
        .rfc = section(t, MAC), .out = noted(t, "mac", WT_NOTE_MAC_FOUND));
}

/* The last step: what stands on the wire. And why it did not open, if so. */
static void tell_record(const struct telling *t, struct wt_step_part behind, const char *rfc)
{
    struct wt_buffer all = {0};
    const struct wt_step_part in[] = {
        header_part(t, "type", 0, 1),
        header_part(t, "version", 1, 2),
        header_part(t, "length", 3, 2),
        noted(t, t->p->format == &wt_format_block ? "iv" : "nonce_explicit", WT_NOTE_EXPLICIT),
        noted(t, t->p->context ? "ciphertext" : "plaintext", t->p->context ? WT_NOTE_CIPHERTEXT : WT_NOTE_PLAIN),
        behind};
    for (size_t i = 0; i < sizeof in / sizeof *in; i++)
        if (in[i].bytes.n > 0)
            wt_buffer_add(&all, in[i].bytes.p, in[i].bytes.n);
    /* Of a record that was too short to be taken apart, its body as it came. */
    if (has(t, WT_NOTE_BODY) && !has(t, WT_NOTE_CIPHERTEXT) && !has(t, WT_NOTE_PLAIN))
        wt_buffer_add(&all, t->n->at[WT_NOTE_BODY].p, t->n->at[WT_NOTE_BODY].n);
    SAY(t, in, .id = "record", .function = "join", .rfc = rfc, .out = part("record", wt_buffer_span(&all)));
    if (all.p)
        wt_wipe(all.p, all.n);
    wt_buffer_free(&all);
    struct wt_step last = {.id = "failure", .function = "open", .why = failures[t->n->result]};
    if (t->n->result != WT_OPENED)
        wt_steps_say(t->steps, &last);
}

static void tell_padding(const struct telling *t)
{
    struct wt_span plain = t->n->at[WT_NOTE_PLAIN];
    const struct wt_step_part in[] = {part("deciphered", plain)}, none[] = {{0}};
    if (t->n->result == WT_OPEN_BAD_PADDING && plain.n > 0)
        SAY(t, in, .id = "padding_length", .function = "cut", .rfc = section(t, BLOCK),
            .out = part("padding_length", wt_span_cut(plain, plain.n - 1, 1)));
    SAY(t, none, .id = "padding", .function = "pad", .why = t->p->version == WT_SSL3 ? "padding_ssl3" : "padding",
        .rfc = section(t, BLOCK), .out = noted(t, "padding", WT_NOTE_PADDING));
}

void wt_tell_block(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    const struct telling t = begin(p, notes, steps);
    const struct wt_step_part none[] = {{0}};
    tell_fragment(&t, section(&t, FRAGMENT));
    if (!p->mac_outside && p->mac_n > 0)
        tell_mac(&t);
    tell_padding(&t);
    SAY(&t, none, .id = "iv", .function = p->explicit_iv ? "random" : "chain",
        .why = p->explicit_iv ? "iv_random" : "iv_chained", .rfc = section(&t, BLOCK),
        .out = noted(&t, "iv", WT_NOTE_IV));
    const struct wt_step_part in[] = {noted(&t, "iv", WT_NOTE_IV), noted(&t, "plaintext", WT_NOTE_PLAIN)};
    SAY(&t, in, .id = "ciphertext", .function = p->cipher->name,
        .why = p->mac_outside ? "ciphertext_block_then_mac" : "ciphertext_block", .rfc = section(&t, BLOCK),
        .out = noted(&t, "ciphertext", WT_NOTE_CIPHERTEXT));
    if (p->mac_outside)
        tell_mac(&t);
    struct wt_span mac = notes->at[has(&t, WT_NOTE_MAC_FOUND) ? WT_NOTE_MAC_FOUND : WT_NOTE_MAC];
    tell_record(&t, part("mac", p->mac_outside ? wt_span_cut(mac, 0, p->mac_n) : (struct wt_span){0}),
                section(&t, FRAGMENT));
}

void wt_tell_stream(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    const struct telling t = begin(p, notes, steps);
    const struct wt_step_part plain[] = {noted(&t, "plaintext", WT_NOTE_PLAIN)};
    tell_fragment(&t, section(&t, FRAGMENT));
    if (p->mac_n > 0)
        tell_mac(&t);
    if (p->context)
        SAY(&t, plain, .id = "ciphertext", .function = p->cipher->name, .why = "ciphertext_stream",
            .rfc = section(&t, MAC), .out = noted(&t, "ciphertext", WT_NOTE_CIPHERTEXT));
    tell_record(&t, (struct wt_step_part){0}, section(&t, FRAGMENT));
}

/* Nonces: of two halves, or the sequence number under a mask. */
static void tell_nonce(const struct telling *t, const char *rfc)
{
    const struct wt_step_part halves[] = {noted(t, "write_IV", WT_NOTE_FIXED),
                                          noted(t, "nonce_explicit", WT_NOTE_EXPLICIT)};
    const struct wt_step_part masked[] = {t->p->iv_n ? noted(t, "write_IV", WT_NOTE_FIXED) : (struct wt_step_part){0},
                                          part("seq_num", wt_span_of(t->sequence, sizeof t->sequence))};
    if (has(t, WT_NOTE_EXPLICIT))
        SAY(t, halves, .id = "nonce", .function = "join", .why = "nonce_joined", .rfc = rfc,
            .out = noted(t, "nonce", WT_NOTE_NONCE));
    else if (t->p->iv_n)
        SAY(t, masked, .id = "nonce", .function = "xor", .why = "nonce_xored", .rfc = rfc,
            .out = noted(t, "nonce", WT_NOTE_NONCE));
    else
        SAY(t, masked, .id = "nonce", .function = "pad", .why = "nonce_sequence", .rfc = rfc,
            .out = noted(t, "nonce", WT_NOTE_NONCE));
}

static void tell_sealed(const struct telling *t, struct wt_step_part plain, const char *rfc)
{
    const struct wt_step_part in[] = {noted(t, "nonce", WT_NOTE_NONCE), plain};
    SAY(t, in, .id = "ciphertext", .function = t->p->cipher->name, .why = "ciphertext_aead", .rfc = rfc,
        .out = noted(t, "ciphertext", WT_NOTE_CIPHERTEXT));
    const struct wt_step_part under[] = {noted(t, "nonce", WT_NOTE_NONCE),
                                         noted(t, "additional_data", WT_NOTE_ADDITIONAL),
                                         noted(t, "ciphertext", WT_NOTE_CIPHERTEXT)};
    SAY(t, under, .id = "tag", .function = t->p->cipher->name,
        .why = t->n->result == WT_OPEN_BAD_MAC ? "tag_wrong" : "tag", .rfc = rfc, .out = noted(t, "tag", WT_NOTE_TAG));
}

static const char *aead_rfc(const struct wt_protector *p)
{
    switch (p->cipher->mode) {
    case WT_MODE_GCM:
        return "RFC 5288, 3";
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
        return "RFC 6655, 3";
    case WT_MODE_POLY1305_OLD:
        return "draft-agl-tls-chacha20poly1305-04";
    default:
        return "RFC 7905, 2";
    }
}

void wt_tell_aead12(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    const struct telling t = begin(p, notes, steps);
    tell_fragment(&t, section(&t, FRAGMENT));
    tell_nonce(&t, aead_rfc(p));
    tell_pseudo(&t, "additional_data", "additional_data_tls12", "RFC 5246, 6.2.3.3", WT_NOTE_ADDITIONAL);
    tell_sealed(&t, content(&t), "RFC 5246, 6.2.3.3");
    tell_record(&t, noted(&t, "tag", WT_NOTE_TAG), section(&t, FRAGMENT));
}

/* TLS 1.3: the content's type and length hide inside. */
static void tell_inner(const struct telling *t)
{
    const struct wt_step_part in[] = {noted(t, "content", WT_NOTE_TEXT), noted(t, "type", WT_NOTE_TYPE),
                                      noted(t, "zeros", WT_NOTE_PADDING)};
    tell_fragment(t, "RFC 8446, 5.1");
    SAY(t, in, .id = "inner_plaintext", .function = "join",
        .why = t->n->result == WT_OPEN_NO_TYPE ? "inner_plaintext_empty" : "inner_plaintext", .rfc = "RFC 8446, 5.2",
        .out = noted(t, "inner_plaintext", WT_NOTE_PLAIN));
}

static void tell_header_covered(const struct telling *t)
{
    const struct wt_span header = t->n->at[WT_NOTE_ADDITIONAL];
    const struct wt_step_part in[] = {part("opaque_type", wt_span_cut(header, 0, header.n ? 1 : 0)),
                                      part("legacy_record_version", wt_span_cut(header, 1, 2)),
                                      part("length", wt_span_cut(header, 3, 2))};
    SAY(t, in, .id = "additional_data", .function = "join",
        .why = t->p->bare ? "additional_data_none" : "additional_data_header",
        .rfc = t->p->bare ? "draft-ietf-tls-tls13-24, 5.2" : "RFC 8446, 5.2",
        .out = noted(t, "additional_data", WT_NOTE_ADDITIONAL));
}

void wt_tell_aead13(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    const struct telling t = begin(p, notes, steps);
    tell_inner(&t);
    tell_nonce(&t, "RFC 8446, 5.3");
    tell_header_covered(&t);
    tell_sealed(&t, noted(&t, "inner_plaintext", WT_NOTE_PLAIN), "RFC 8446, 5.2");
    tell_record(&t, noted(&t, "tag", WT_NOTE_TAG), "RFC 8446, 5.2");
}

void wt_tell_integrity(const struct wt_protector *p, const struct wt_notes *notes, const struct wt_steps *steps)
{
    const struct telling t = begin(p, notes, steps);
    tell_inner(&t);
    tell_nonce(&t, "RFC 8446, 5.3");
    tell_header_covered(&t);
    const struct wt_step_part in[] = {noted(&t, "nonce", WT_NOTE_NONCE),
                                      noted(&t, "additional_data", WT_NOTE_ADDITIONAL),
                                      noted(&t, "inner_plaintext", WT_NOTE_PLAIN)};
    SAY(&t, in, .id = "mac", .function = p->cipher->tag == 48 ? "HMAC-SHA384" : "HMAC-SHA256", .why = "mac_integrity",
        .rfc = "RFC 9150, 5", .out = noted(&t, "mac", WT_NOTE_MAC));
    const struct wt_step_part made[] = {noted(&t, "mac", WT_NOTE_MAC)};
    SAY(&t, made, .id = "mac_found", .function = "compare",
        .why = wt_span_equal(made[0].bytes, notes->at[WT_NOTE_MAC_FOUND]) ? "mac_found_same" : "mac_found_other",
        .rfc = "RFC 9150, 5", .out = noted(&t, "mac", WT_NOTE_MAC_FOUND));
    tell_record(&t, noted(&t, "mac", has(&t, WT_NOTE_MAC_FOUND) ? WT_NOTE_MAC_FOUND : WT_NOTE_MAC), "RFC 8446, 5.2");
}
