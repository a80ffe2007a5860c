#include "carriage/record_protector.h"

#include "base/memory.h"
#include "registry/registry.h"

#include <stdlib.h>

struct wt_record_protector {
    struct wt_protector *protector;
    uint64_t sequence;
    bool tls13;
};

struct wt_record_protector *wt_record_protector_new(struct wt_crypto *crypto, const struct wt_protection *how,
                                                    bool seal, struct wt_error *why)
{
    struct wt_record_protector *p = wt_calloc(1, sizeof *p);
    if (!p) {
        if (why)
            *why = (struct wt_error){.code = WT_MEMORY};
        return NULL;
    }
    p->tls13 = wt_version_is_tls13(how->version);
    p->protector = wt_protector_new(crypto, how, seal, why);
    if (p->protector)
        return p;
    free(p);
    return NULL;
}

void wt_record_protector_free(struct wt_record_protector *p)
{
    if (!p)
        return;
    wt_protector_free(p->protector);
    free(p);
}

/* RFC 5246, 6.2.1: type, version, length. */
static void put_header(uint8_t header[WT_RECORD_HEADER], uint8_t type, uint16_t version, size_t length)
{
    header[0] = type;
    header[1] = (uint8_t)(version >> 8);
    header[2] = (uint8_t)version;
    header[3] = (uint8_t)(length >> 8);
    header[4] = (uint8_t)length;
}

enum wt_opening wt_record_protector_open(struct wt_record_protector *p, uint8_t type, uint16_t record_version,
                                         struct wt_span fragment, uint8_t *out, bool trial, struct wt_opened *opened,
                                         const struct wt_steps *steps)
{
    uint8_t bytes[WT_RECORD_HEADER];
    put_header(bytes, type, record_version, fragment.n);
    const struct wt_protect_header header = {wt_span_of(bytes, sizeof bytes), p->sequence};
    enum wt_opening result = wt_protector_open(p->protector, &header, fragment, out, trial, opened, steps);
    if (result == WT_OPENED || !trial)
        p->sequence++;
    return result;
}

bool wt_record_protector_open_begin(struct wt_record_protector *p, uint8_t type, uint16_t record_version, size_t length,
                                    struct wt_span first)
{
    uint8_t bytes[WT_RECORD_HEADER];
    put_header(bytes, type, record_version, length);
    const struct wt_protect_header header = {wt_span_of(bytes, sizeof bytes), p->sequence};
    return wt_protector_open_begin(p->protector, &header, length, first);
}

void wt_record_protector_open_more(struct wt_record_protector *p, struct wt_span piece, uint8_t *out)
{
    wt_protector_open_more(p->protector, piece, out);
}

enum wt_opening wt_record_protector_open_end(struct wt_record_protector *p, uint8_t type, uint16_t record_version,
                                             uint8_t *fragment, size_t length, struct wt_opened *opened)
{
    uint8_t bytes[WT_RECORD_HEADER];
    put_header(bytes, type, record_version, length);
    const struct wt_protect_header header = {wt_span_of(bytes, sizeof bytes), p->sequence++};
    return wt_protector_open_end(p->protector, &header, fragment, length, opened);
}

size_t wt_record_protector_seal(struct wt_record_protector *p, uint8_t type, uint16_t record_version,
                                struct wt_span text, unsigned padding, const uint8_t *nonce, uint8_t *out,
                                const struct wt_steps *steps)
{
    /* RFC 8446, 5.3: "Because the size of sequence numbers is 64-bit, they should not wrap." A sender ends before. */
    if (p->sequence == UINT64_MAX)
        return 0;
    /* RFC 8446, 5.2: "The outer opaque_type field of a TLSCiphertext record is always set to the value 23". The length
     * is TLS 1.3's for certain; the older versions' is seen when the fragment is there. The header is written last,
     * since the text may be in its place. */
    uint8_t bytes[WT_RECORD_HEADER], outer = p->tls13 ? (uint8_t)WT_CONTENT_APPLICATION_DATA : type;
    put_header(bytes, outer, record_version, text.n + padding + wt_protector_overhead(p->protector));
    const struct wt_protect_header header = {wt_span_of(bytes, sizeof bytes), p->sequence};
    size_t n = wt_protector_seal(p->protector, &header, type, text, padding, nonce, out + WT_RECORD_HEADER, steps);
    if (n == WT_SEAL_FAILED)
        return 0;
    p->sequence++;
    put_header(out, outer, record_version, n);
    return WT_RECORD_HEADER + n;
}

uint64_t wt_record_protector_sequence(const struct wt_record_protector *p)
{
    return p->sequence;
}

bool wt_record_protector_set_sequence(struct wt_record_protector *p, uint64_t sequence)
{
    if (!wt_protector_is_seekable(p->protector))
        return false;
    p->sequence = sequence;
    return true;
}

uint32_t wt_record_protector_overhead(const struct wt_record_protector *p)
{
    return wt_protector_overhead(p->protector);
}
