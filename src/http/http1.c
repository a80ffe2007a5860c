/* HTTP/1.0 and 1.1 (RFC 9112): one side's bytes into messages, bodies counted by their framing and never looked at. */
#include "http/http1.h"

#include "http/http1_head.h"
#include "http/http2.h"
#include "http/internal.h"
#include "registry/limits.h"

static enum wt_side other(enum wt_side side)
{
    return side == WT_CLIENT ? WT_SERVER : WT_CLIENT;
}

/* A side that can still say what is waited for. */
static bool may_speak(const struct wt_http *h, enum wt_side side)
{
    const struct wt_http_side *s = &h->side[side];
    return !s->finished && (s->mode == WT_HTTP_UNDECIDED || s->mode == WT_HTTP_ONE);
}

/* An answer to HEAD looks as one to GET does, and what follows CONNECT or Upgrade hangs on the answer: as the two sides
 * come out of step, one may have to wait for the other. Never both: a server waits behind its last answered request, a
 * client behind one that is not answered. */
bool wt_http1_waits(const struct wt_http *h, enum wt_side side)
{
    const struct wt_http_side *s = &h->side[side];
    const struct wt_http1 *one = &s->one;
    if (s->mode != WT_HTTP_ONE || one->state != WT_HTTP1_START || s->alone || h->torn || !may_speak(h, other(side)))
        return false;
    if (side == WT_CLIENT)
        return one->bet && !one->bet->answered;
    return !h->answer || !h->answer->asked;
}

/* --- whose message it is --- */

/* Nodes over the limit that both sides have passed are used again. */
static void release(struct wt_http *h)
{
    struct wt_http_node **from = h->kept ? &h->kept->next : &h->list;
    for (struct wt_http_node *n; (n = *from) != NULL && n->asked && n->answered;) {
        if (n == h->last || n == h->side[WT_CLIENT].one.node || n == h->side[WT_SERVER].one.node)
            break;
        *from = n->next;
        if (h->asked == n)
            h->asked = NULL;
        n->next = h->spare;
        h->spare = n;
    }
}

/* After a gap order tells nothing. A request comes when what was answered before it has been answered… */
static void align_request(struct wt_http *h)
{
    struct wt_http_node *n = h->side[WT_SERVER].one.node;
    n = n ? n->next : h->answer;
    while (n && n->asked)
        n = n->next;
    h->ask = n;
}

/* … and an answer when its request was the latest. */
static void align_answer(struct wt_http *h)
{
    struct wt_http_node *n = h->asked ? h->asked : h->answer;
    while (n && n->answered)
        n = n->next;
    h->answer = n;
}

static struct wt_http_node *node_for(struct wt_http *h, enum wt_side side)
{
    struct wt_http_node **cursor = side == WT_CLIENT ? &h->ask : &h->answer;
    if (h->side[side].one.align) {
        side == WT_CLIENT ? align_request(h) : align_answer(h);
        h->side[side].one.align = false;
    }
    if (!*cursor) {
        release(h);
        struct wt_http_node *n = wt_http_add(h, 0, true);
        if (!n || !n->kept)
            h->dropped++;
        if (!n)
            return NULL;
        /* A cursor that stood behind the last node stands on the new one. */
        if (!h->ask && side == WT_SERVER)
            h->ask = n;
        if (!h->answer && side == WT_CLIENT)
            h->answer = n;
        *cursor = n;
    }
    return *cursor;
}

/* --- a header block --- */

/* "http://host:8080/path" of absolute-form: RFC 9112, 3.2.2. */
static void read_absolute(struct wt_http *h, struct wt_http_node *n, struct wt_span target)
{
    size_t scheme = 0;
    while (scheme < target.n && target.p[scheme] != ':' && target.p[scheme] != '/' && target.p[scheme] != '?')
        scheme++;
    struct wt_span rest = wt_span_cut(target, scheme, target.n);
    if (scheme == 0 || !wt_span_starts(rest, "://"))
        return;
    rest = wt_span_cut(rest, 3, rest.n);
    size_t authority = 0;
    while (authority < rest.n && rest.p[authority] != '/' && rest.p[authority] != '?')
        authority++;
    wt_http_copy(h, n, &n->x.scheme, wt_span_cut(target, 0, scheme), WT_LIMIT_HTTP_FIELD);
    wt_http_copy(h, n, &n->x.authority, wt_span_cut(rest, 0, authority), WT_LIMIT_HTTP_TARGET);
}

/* RFC 9112, 6.3: how long the body is. `reads_on`: without a word about it, it runs until the connection closes. */
static bool start_body(struct wt_http1 *one, const struct wt_http1_head *head, bool reads_on)
{
    if (head->coded && !head->chunked && !reads_on)
        return false; /* "If a Transfer-Encoding header field is present in a request and the chunked transfer coding is
                         not the final encoding, the message body length cannot be determined reliably" */
    if (!head->coded && head->broken)
        return false;
    /* RFC 9112, 6.1: HTTP/1.0 with Transfer-Encoding has to be treated "as if the framing is faulty … and close the
     * connection after processing the message". The message is processed; whether it was closed, the wire tells. */
    if (head->chunked) { /* 6.3: "the Transfer-Encoding overrides the Content-Length" */
        one->state = WT_HTTP1_CHUNK_SIZE;
        one->digits = false;
        one->left = 0;
        one->lines = 0;
    } else if (!head->coded && head->has_length) {
        one->left = head->length;
        one->state = head->length ? WT_HTTP1_LENGTH : WT_HTTP1_START;
    } else {
        one->state = reads_on ? WT_HTTP1_UNTIL_CLOSE : WT_HTTP1_START;
    }
    return true;
}

static enum wt_http_stop take_request(struct wt_http *h, const struct wt_http1_head *head, struct wt_http_at at)
{
    struct wt_http1 *one = &h->side[WT_CLIENT].one;
    struct wt_http_node *n = node_for(h, WT_CLIENT);
    if (!n)
        return h->over < WT_LIMIT_HTTP_STREAMS ? WT_HTTP_STOP_MEMORY : WT_HTTP_STOP_REQUESTS;
    h->ask = n->next;
    h->asked = n;
    one->node = n;
    n->asked = true;
    n->head = wt_span_equal(head->method, wt_span_text("HEAD"));
    n->connects = wt_span_equal(head->method, wt_span_text("CONNECT"));
    n->offers = head->upgrade.n > 0;
    n->x.request_frame = at.frame;
    n->x.request_time = at.time;
    n->x.version = head->version;
    wt_http_versioned(h, WT_CLIENT, head->version);
    wt_http_copy(h, n, &n->x.method, head->method, WT_LIMIT_HTTP_FIELD);
    wt_http_copy(h, n, &n->x.path, head->target, WT_LIMIT_HTTP_TARGET);
    /* RFC 9112, 3.2.2: "When an origin server receives a request with an absolute-form of request-target, the origin
     * server MUST ignore the received Host header field (if any)". */
    if (!n->connects)
        read_absolute(h, n, head->target);
    wt_http_copy(h, n, &n->x.authority, head->host.n || !n->connects ? head->host : head->target, WT_LIMIT_HTTP_TARGET);
    if (n->connects || n->offers)
        one->bet = n;
    return start_body(one, head, false) ? WT_HTTP_STOP_NONE : WT_HTTP_STOP_FRAMING;
}

/* RFC 9110, 7.8 and 9.3.6: HTTP/1 ends on this connection, for the client behind the request that is answered so. */
static void upgrade(struct wt_http *h, struct wt_http_node *n, const struct wt_http1_head *head)
{
    n->x.upgraded = true;
    if (n->asked)
        h->side[WT_CLIENT].one.bet = n; /* also where nothing in the request offered it */
    /* RFC 7540, 3.2 (RFC 9113 took the upgrade away; servers still have it): the answer follows as stream 1. */
    if (head->status == 101 && wt_http1_names(head->upgrade, "h2c")) {
        n->x.interim++;
        if (!wt_http_to_two(h, WT_SERVER, n))
            wt_http_stop(h, WT_SERVER, WT_HTTP_STOP_NONE);
    } else {
        n->x.status = head->status;
        wt_http_stop(h, WT_SERVER, WT_HTTP_STOP_NONE);
    }
}

static enum wt_http_stop take_answer(struct wt_http *h, const struct wt_http1_head *head, struct wt_http_at at)
{
    struct wt_http1 *one = &h->side[WT_SERVER].one;
    struct wt_http_node *n = node_for(h, WT_SERVER);
    if (!n)
        return h->over < WT_LIMIT_HTTP_STREAMS ? WT_HTTP_STOP_MEMORY : WT_HTTP_STOP_REQUESTS;
    one->node = n;
    wt_http_versioned(h, WT_SERVER, head->version);
    if (!n->x.version)
        n->x.version = head->version;
    if (head->status < 200 && head->status != 101) {
        n->x.interim++; /* RFC 9110, 15: "zero or more "interim" (non-final) responses" come before the final one */
        return WT_HTTP_STOP_NONE;
    }
    n->answered = true;
    n->x.response_frame = at.frame;
    n->x.response_time = at.time;
    wt_http_copy(h, n, &n->x.reason, head->reason, WT_LIMIT_HTTP_FIELD);
    if (head->status == 101 || (n->connects && head->status / 100 == 2)) {
        /* RFC 9112, 6.3: "Any 2xx (Successful) response to a CONNECT request implies that the connection will become a
         * tunnel immediately after the empty line that concludes the header fields." */
        upgrade(h, n, head);
        return WT_HTTP_STOP_NONE;
    }
    h->answer = n->next;
    n->x.status = head->status;
    wt_http_copy(h, n, &n->x.content_type, head->content_type, WT_LIMIT_HTTP_FIELD);
    wt_http_copy(h, n, &n->x.content_encoding, head->content_encoding, WT_LIMIT_HTTP_FIELD);
    /* RFC 9112, 6.3: "Any response to a HEAD request and any response with a 1xx (Informational), 204 (No Content), or
     * 304 (Not Modified) status code is always terminated by the first empty line after the header fields". */
    if (n->head || head->status == 204 || head->status == 304)
        return WT_HTTP_STOP_NONE;
    return start_body(one, head, true) ? WT_HTTP_STOP_NONE : WT_HTTP_STOP_FRAMING;
}

static void take_head(struct wt_http *h, enum wt_side side, struct wt_span block, struct wt_http_at at)
{
    struct wt_http1_head head;
    enum wt_http_stop wrong = WT_HTTP_STOP_NOT_HTTP;
    /* RFC 9113, 3.4: the preface is made to look like a request, so that HTTP/1 stumbles over it at once. */
    if (side == WT_CLIENT && wt_span_starts(block, "PRI * HTTP/2.0\r\n\r\n") && wt_http_to_two(h, side, NULL)) {
        wt_http2_feed(h, side, block, at);
        return;
    }
    if (wt_http1_head_read(block, side == WT_CLIENT, &head))
        wrong = side == WT_CLIENT ? take_request(h, &head, at) : take_answer(h, &head, at);
    if (wrong)
        wt_http_stop(h, side, wrong);
}

/* --- bytes --- */

/* Sums that only have to tell whether they are over the limit. */
static uint32_t grown(uint32_t sum, size_t n)
{
    return sum + (uint32_t)(n <= WT_LIMIT_HTTP_HEADER ? n : WT_LIMIT_HTTP_HEADER + 1);
}

/* Passes lines up to and with the next empty one. Tells how many bytes it took; `done` when that line was among them.
 * RFC 9112, 2.2: "a recipient MAY recognize a single LF as a line terminator and ignore any preceding CR". */
static size_t pass_lines(struct wt_http1 *one, struct wt_span b, bool *done)
{
    size_t at = 0;
    *done = false;
    while (at < b.n && !*done) {
        const uint8_t *end = memchr(b.p + at, '\n', b.n - at);
        size_t n = end ? (size_t)(end - b.p) - at : b.n - at;
        if (n)
            one->blank = one->line == 0 && n == 1 && b.p[at] == '\r';
        one->line = grown(one->line, n);
        if (!end) {
            at = b.n;
            break;
        }
        at += n + 1;
        *done = one->line == 0 || one->blank;
        one->line = 0;
        one->blank = false;
    }
    one->lines = grown(one->lines, at);
    return at;
}

static void begin_lines(struct wt_http1 *one)
{
    one->line = one->lines = 0;
    one->blank = false;
}

static size_t feed_head(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at)
{
    struct wt_http1 *one = &h->side[side].one;
    size_t skipped = 0;
    /* RFC 9112, 2.2: "a server … SHOULD ignore at least one empty line (CRLF) received prior to the request-line". */
    while (one->lines == 0 && skipped < b.n && (b.p[skipped] == '\r' || b.p[skipped] == '\n'))
        skipped++;
    b = wt_span_cut(b, skipped, b.n);
    if (b.n == 0)
        return skipped;
    if (one->lines == 0)
        one->node = NULL;
    bool done;
    size_t n = pass_lines(one, b, &done);
    if (one->lines > WT_LIMIT_HTTP_HEADER) {
        wt_http_stop(h, side, WT_HTTP_STOP_HEADER_LONG);
        return skipped + n;
    }
    if (done && one->head.n == 0) {
        begin_lines(one);
        take_head(h, side, wt_span_cut(b, 0, n), at);
    } else if (!wt_buffer_add(&one->head, b.p, n)) {
        wt_http_stop(h, side, WT_HTTP_STOP_MEMORY);
    } else if (done) {
        struct wt_buffer block = one->head;
        one->head = (struct wt_buffer){0};
        begin_lines(one);
        take_head(h, side, wt_buffer_span(&block), at);
        wt_buffer_free(&block);
    }
    return skipped + n;
}

static void count_body(struct wt_http1 *one, enum wt_side side, uint64_t n)
{
    if (one->node)
        *(side == WT_CLIENT ? &one->node->x.request_body : &one->node->x.response_body) += n;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A chunk's size, up to what ends it. RFC 9112, 7.1: "recipients MUST anticipate potentially large hexadecimal numerals
 * and prevent parsing errors due to integer conversion overflows". */
static size_t feed_chunk_size(struct wt_http *h, enum wt_side side, struct wt_span b)
{
    struct wt_http1 *one = &h->side[side].one;
    size_t n = 0;
    for (int digit; n < b.n && (digit = hex_digit(b.p[n])) >= 0; n++) {
        if (one->left >> 59) {
            wt_http_stop(h, side, WT_HTTP_STOP_FRAMING);
            return b.n;
        }
        one->left = one->left << 4 | (uint64_t)digit;
        one->digits = true;
    }
    if (n == b.n)
        return n;
    if (!one->digits || !strchr(";\r\n\t ", b.p[n]) || b.p[n] == 0)
        wt_http_stop(h, side, WT_HTTP_STOP_FRAMING);
    one->state = WT_HTTP1_CHUNK_EXTENSION;
    one->lines = 0;
    return n;
}

/* RFC 9112, 7.1.1: "A recipient MUST ignore unrecognized chunk extensions" and ought to "limit the total length". */
static size_t feed_chunk_extension(struct wt_http *h, enum wt_side side, struct wt_span b)
{
    struct wt_http1 *one = &h->side[side].one;
    const uint8_t *end = memchr(b.p, '\n', b.n);
    size_t n = end ? (size_t)(end - b.p) + 1 : b.n;
    one->lines = grown(one->lines, n);
    if (one->lines > WT_LIMIT_HTTP_HEADER) {
        wt_http_stop(h, side, WT_HTTP_STOP_HEADER_LONG);
    } else if (end) {
        one->state = one->left ? WT_HTTP1_CHUNK_DATA : WT_HTTP1_TRAILER;
        begin_lines(one);
    }
    return n;
}

/* The CRLF behind a chunk's data. */
static size_t feed_chunk_end(struct wt_http *h, enum wt_side side, struct wt_span b)
{
    struct wt_http1 *one = &h->side[side].one;
    if (b.p[0] == '\n') {
        one->state = WT_HTTP1_CHUNK_SIZE;
        one->digits = false;
        one->left = 0;
    } else if (b.p[0] == '\r' && one->lines == 0) {
        one->lines = 1;
    } else {
        wt_http_stop(h, side, WT_HTTP_STOP_FRAMING);
    }
    return 1;
}

static size_t feed_trailer(struct wt_http *h, enum wt_side side, struct wt_span b)
{
    struct wt_http1 *one = &h->side[side].one;
    bool done;
    size_t n = pass_lines(one, b, &done);
    if (one->lines > WT_LIMIT_HTTP_HEADER)
        wt_http_stop(h, side, WT_HTTP_STOP_HEADER_LONG);
    else if (done)
        one->state = WT_HTTP1_START;
    if (done)
        begin_lines(one);
    return n;
}

/* Counts what of the body, or of the chunk, is in b. */
static size_t feed_body(struct wt_http1 *one, enum wt_side side, struct wt_span b)
{
    size_t n = b.n;
    if (one->state != WT_HTTP1_UNTIL_CLOSE) {
        n = b.n < one->left ? b.n : (size_t)one->left;
        one->left -= n;
        if (one->left == 0)
            one->state = one->state == WT_HTTP1_LENGTH ? WT_HTTP1_START : WT_HTTP1_CHUNK_END;
    }
    one->lines = 0;
    count_body(one, side, n);
    return n;
}

/* The answer is there that says whether this side goes on with HTTP/1. False when it does not. */
static bool settle_bet(struct wt_http *h, enum wt_side side)
{
    struct wt_http1 *one = &h->side[side].one;
    struct wt_http_node *n = one->bet;
    one->bet = NULL;
    if (!n || !n->x.upgraded)
        return true;
    if (n->x.stream == 0 || !wt_http_to_two(h, side, NULL))
        wt_http_stop(h, side, WT_HTTP_STOP_NONE);
    return false;
}

size_t wt_http1_feed(struct wt_http *h, enum wt_side side, struct wt_span b, struct wt_http_at at)
{
    struct wt_http1 *one = &h->side[side].one;
    switch ((enum wt_http1_state)one->state) {
    case WT_HTTP1_START:
        if (one->bet && one->lines == 0 && !settle_bet(h, side))
            return 0;
        return feed_head(h, side, b, at);
    case WT_HTTP1_CHUNK_SIZE:
        return feed_chunk_size(h, side, b);
    case WT_HTTP1_CHUNK_EXTENSION:
        return feed_chunk_extension(h, side, b);
    case WT_HTTP1_CHUNK_END:
        return feed_chunk_end(h, side, b);
    case WT_HTTP1_TRAILER:
        return feed_trailer(h, side, b);
    default:
        return feed_body(one, side, b);
    }
}

void wt_http1_gap(struct wt_http *h, enum wt_side side)
{
    struct wt_http1 *one = &h->side[side].one;
    wt_buffer_free(&one->head);
    *one = (struct wt_http1){.align = true};
}

/* RFC 9112, 8: a message is incomplete when the connection closes before its framing says that it ends; what runs until
 * the close is complete with it. */
void wt_http1_end(struct wt_http *h, enum wt_side side)
{
    struct wt_http1 *one = &h->side[side].one;
    if (one->node && one->state != WT_HTTP1_START && one->state != WT_HTTP1_UNTIL_CLOSE)
        one->node->x.reset = true;
}
