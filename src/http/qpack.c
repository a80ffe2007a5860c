/* nghttp3 has the tables and the Huffman code.
 *
 * Of nghttp3 its QPACK decoder alone is used, beside a walk of the frames of our own (http3_frames.c). A nghttp3_conn
 * is an endpoint: it reads what a peer sends *it*, so that an observer needs two that know of each other's requests; it
 * waits for both sides' SETTINGS; a stream that was lost in part, or in whole, is an error of the connection to it; and
 * it ends with the first of them. A decoder of field sections has none of this, and its memory can be bounded. */
#include "http/qpack.h"

#include "base/memory.h"
#include "registry/limits.h"

#include <nghttp3/nghttp3.h>
#include <stddef.h>

/* Before each block that nghttp3 has of us. */
struct block {
    _Alignas(max_align_t) struct block *next;
    struct block **link; /* what leads to it */
    size_t size;
};

struct wt_qpack {
    nghttp3_mem memory;
    struct block *blocks;
    size_t used;                    /* bytes of them */
    bool refused;                   /* it wanted more */
    nghttp3_qpack_decoder *dynamic; /* NULL before SETTINGS */
    nghttp3_qpack_decoder *literal; /* for sections without entries of the dynamic table, which need no SETTINGS */
};

/* --- memory ---
 *
 * Each block is counted, and known: all go at once at the end. nghttp3 itself is not asked to free what it has. When a
 * block is refused while it adds an entry, it lets name and value go, keeps their addresses, and lets them go a second
 * time with its decoder (nghttp3 0.8). */

static void *take(size_t size, void *context)
{
    struct wt_qpack *q = context;
    struct block *b = NULL;
    if (size < WT_LIMIT_QPACK_MEMORY && q->used + size + sizeof *b <= WT_LIMIT_QPACK_MEMORY)
        b = wt_malloc(sizeof *b + size);
    if (!b) {
        q->refused = true;
        return NULL;
    }
    *b = (struct block){q->blocks, &q->blocks, size};
    if (b->next)
        b->next->link = &b->next;
    q->blocks = b;
    q->used += sizeof *b + size;
    return b + 1;
}

static void give(void *block, void *context)
{
    struct wt_qpack *q = context;
    if (!block)
        return;
    struct block *b = (struct block *)block - 1;
    *b->link = b->next;
    if (b->next)
        b->next->link = b->link;
    q->used -= sizeof *b + b->size;
    free(b);
}

static void *take_zeros(size_t count, size_t size, void *context)
{
    if (size && count > WT_LIMIT_QPACK_MEMORY / size)
        count = WT_LIMIT_QPACK_MEMORY, size = 1; /* which is refused */
    void *p = take(count * size, context);
    if (p)
        memset(p, 0, count * size);
    return p;
}

static void *take_again(void *block, size_t size, void *context)
{
    const size_t had = block ? ((struct block *)block - 1)->size : 0;
    void *p = take(size, context);
    if (p && block) {
        memcpy(p, block, had < size ? had : size);
        give(block, context);
    }
    return p;
}

struct wt_qpack *wt_qpack_new(void)
{
    struct wt_qpack *q = wt_calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->memory = (nghttp3_mem){q, take, give, take_zeros, take_again};
    return q;
}

void wt_qpack_free(struct wt_qpack *q)
{
    if (!q)
        return;
    for (struct block *b = q->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(q);
}

static enum wt_qpack_result failed(struct wt_qpack *q, int64_t error)
{
    return error == NGHTTP3_ERR_NOMEM || q->refused ? WT_QPACK_MEMORY : WT_QPACK_BROKEN;
}

/* How many streams may be blocked is the caller's to bound. */
static bool start(struct wt_qpack *q, nghttp3_qpack_decoder **decoder, size_t capacity)
{
    return *decoder || nghttp3_qpack_decoder_new(decoder, capacity, 0, &q->memory) == 0;
}

enum wt_qpack_result wt_qpack_settings(struct wt_qpack *q, uint64_t capacity)
{
    return start(q, &q->dynamic, capacity < SIZE_MAX ? (size_t)capacity : SIZE_MAX) ? WT_QPACK_READ : WT_QPACK_MEMORY;
}

bool wt_qpack_is_set(const struct wt_qpack *q)
{
    return q->dynamic;
}

enum wt_qpack_result wt_qpack_feed(struct wt_qpack *q, struct wt_span bytes)
{
    if (bytes.n == 0)
        return WT_QPACK_READ;
    nghttp3_ssize n = nghttp3_qpack_decoder_read_encoder(q->dynamic, bytes.p, bytes.n);
    return n < 0 ? failed(q, n) : WT_QPACK_READ;
}

uint64_t wt_qpack_inserted(const struct wt_qpack *q)
{
    return q->dynamic ? nghttp3_qpack_decoder_get_icnt(q->dynamic) : 0;
}

/* What the decoder would answer (RFC 9204, 4.4) is thrown away: the peer's own answers pass on the wire. */
static void drop_answers(nghttp3_qpack_decoder *decoder)
{
    uint8_t answers[256];
    nghttp3_buf to = {answers, answers + sizeof answers, answers, answers};
    if (nghttp3_qpack_decoder_get_decoder_streamlen(decoder) <= sizeof answers)
        nghttp3_qpack_decoder_write_decoder(decoder, &to);
}

static void tell(nghttp3_qpack_nv *nv, wt_qpack_sink *sink, void *context)
{
    nghttp3_vec name = nghttp3_rcbuf_get_buf(nv->name), value = nghttp3_rcbuf_get_buf(nv->value);
    sink(context, wt_span_of(name.base, name.len), wt_span_of(value.base, value.len));
    nghttp3_rcbuf_decref(nv->name);
    nghttp3_rcbuf_decref(nv->value);
}

static enum wt_qpack_result read_section(struct wt_qpack *q, nghttp3_qpack_decoder *decoder,
                                         nghttp3_qpack_stream_context *section, struct wt_span b, uint64_t *needs,
                                         wt_qpack_sink *sink, void *context)
{
    for (;;) {
        nghttp3_qpack_nv nv;
        uint8_t flags = 0;
        nghttp3_ssize n = nghttp3_qpack_decoder_read_request(decoder, section, &nv, &flags, b.p, b.n, 1);
        if (n < 0)
            return failed(q, n);
        b = wt_span_of(b.p + n, b.n - (size_t)n);
        if (flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT)
            tell(&nv, sink, context);
        if (flags & NGHTTP3_QPACK_DECODE_FLAG_BLOCKED) {
            *needs = nghttp3_qpack_stream_context_get_ricnt(section);
            return WT_QPACK_BLOCKED;
        }
        if (flags & NGHTTP3_QPACK_DECODE_FLAG_FINAL)
            return WT_QPACK_READ;
        if (!(flags & NGHTTP3_QPACK_DECODE_FLAG_EMIT) && b.n == 0)
            return WT_QPACK_BROKEN;
    }
}

enum wt_qpack_result wt_qpack_section(struct wt_qpack *q, uint64_t stream, struct wt_span b, uint64_t *needs,
                                      wt_qpack_sink *sink, void *context)
{
    nghttp3_qpack_stream_context *section;
    if (b.n == 0)
        return WT_QPACK_BROKEN; /* RFC 9204, 4.5.1: the prefix has two integers */
    /* RFC 9204, 2.1.2: "For a field section encoded with no references to the dynamic table, the Required Insert Count
     * is zero", which is encoded as 0 (4.5.1.1). */
    const bool literal = b.p[0] == 0;
    if (literal && !start(q, &q->literal, 0))
        return WT_QPACK_MEMORY;
    nghttp3_qpack_decoder *decoder = literal ? q->literal : q->dynamic;
    *needs = UINT64_MAX;
    if (!decoder)
        return WT_QPACK_BLOCKED;
    if (nghttp3_qpack_stream_context_new(&section, (int64_t)stream, &q->memory) != 0)
        return WT_QPACK_MEMORY;
    enum wt_qpack_result result = read_section(q, decoder, section, b, needs, sink, context);
    if (result == WT_QPACK_MEMORY)
        return result; /* with a block refused: the section goes with the others */
    nghttp3_qpack_stream_context_del(section);
    drop_answers(decoder);
    return result;
}

size_t wt_qpack_bytes(const struct wt_qpack *q)
{
    return sizeof *q + q->used;
}
