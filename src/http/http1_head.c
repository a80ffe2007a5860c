/* A header block of HTTP/1 (RFC 9112, 2 to 5): bytes in, the few fields that the list and the framing need out. */

#include "http/http1_head.h"

#include <strings.h>

enum { LONGEST_METHOD = 32 }; /* IANA's longest, UPDATEREDIRECTREF, has 17 */

/* tchar: RFC 9110, 5.6.2. */
static bool is_token(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* OWS, and what is left of line folds: RFC 9112, 5.2 has each of them taken for spaces. */
static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct wt_span trim(struct wt_span s)
{
    while (s.n && is_blank(s.p[0]))
        s = wt_span_cut(s, 1, s.n);
    while (s.n && is_blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool is(struct wt_span s, const char *text)
{
    return s.n == strlen(text) && strncasecmp((const char *)s.p, text, s.n) == 0;
}

/* Takes the next element of a comma-separated list, without its parameters. */
static struct wt_span next_of(struct wt_span *list)
{
    const uint8_t *comma = list->n ? memchr(list->p, ',', list->n) : NULL;
    struct wt_span one = {list->p, comma ? (size_t)(comma - list->p) : list->n};
    *list = comma ? wt_span_cut(*list, one.n + 1, list->n) : (struct wt_span){0};
    const uint8_t *semicolon = one.n ? memchr(one.p, ';', one.n) : NULL;
    if (semicolon)
        one.n = (size_t)(semicolon - one.p);
    return trim(one);
}

bool wt_http1_names(struct wt_span list, const char *token)
{
    while (list.n)
        if (is(next_of(&list), token))
            return true;
    return false;
}

size_t wt_http1_method(struct wt_span b)
{
    size_t n = 0;
    while (n < b.n && n <= LONGEST_METHOD && is_token(b.p[n]))
        n++;
    return n <= LONGEST_METHOD ? n : 0;
}

/* HTTP-version: RFC 9112, 2.3. A minor version above 1 is read as 1.1, whose framing is all that the major version has:
 * RFC 9110, 6.2: "…process the message as if it were in the highest minor version … to which the recipient is
 * conformant". */
static bool read_version(struct wt_span s, struct wt_http1_head *head)
{
    if (s.n != 8 || !wt_span_starts(s, "HTTP/1.") || s.p[7] < '0' || s.p[7] > '9')
        return false;
    head->version = s.p[7] == '0' ? 10 : 11;
    return true;
}

bool wt_http1_request_line(struct wt_span line, struct wt_http1_head *head)
{
    line = trim(line);
    size_t method = wt_http1_method(line), last = line.n;
    while (last > 0 && !is_blank(line.p[last - 1]))
        last--;
    if (method == 0 || method >= last || !is_blank(line.p[method]) ||
        !read_version(wt_span_cut(line, last, line.n), head))
        return false;
    /* RFC 9112, 3: "recipients MAY instead parse on whitespace-delimited word boundaries". */
    head->method = wt_span_cut(line, 0, method);
    head->target = trim(wt_span_cut(line, method, last - method));
    for (size_t i = 0; i < head->target.n; i++)
        if (head->target.p[i] < ' ' || head->target.p[i] == 0x7f)
            return false;
    return head->target.n > 0;
}

bool wt_http1_status_line(struct wt_span line, struct wt_http1_head *head)
{
    line = trim(line);
    if (line.n < 12 || !read_version(wt_span_cut(line, 0, 8), head) || !is_blank(line.p[8]))
        return false;
    struct wt_span rest = trim(wt_span_cut(line, 8, line.n));
    if (rest.n < 3 || (rest.n > 3 && !is_blank(rest.p[3])))
        return false;
    head->status = 0;
    for (size_t i = 0; i < 3; i++) {
        if (rest.p[i] < '0' || rest.p[i] > '9')
            return false;
        head->status = (uint16_t)(head->status * 10 + (rest.p[i] - '0'));
    }
    head->reason = trim(wt_span_cut(rest, 3, rest.n));
    return head->status >= 100;
}

/* RFC 9112, 6.3: "If a message is received without Transfer-Encoding and with an invalid Content-Length header field,
 * then the message framing is invalid … unless the field value can be successfully parsed as a comma-separated list …,
 * all values in the list are valid, and all values in the list are the same". The same goes for several such fields. */
static void read_length(struct wt_span list, struct wt_http1_head *head)
{
    if (list.n == 0)
        head->broken = true;
    while (list.n) {
        struct wt_span one = next_of(&list);
        uint64_t value = 0;
        bool valid = one.n > 0;
        for (size_t i = 0; valid && i < one.n; i++) {
            valid = one.p[i] >= '0' && one.p[i] <= '9' && value < UINT64_MAX / 20;
            value = value * 10 + (uint64_t)(one.p[i] - '0');
        }
        if (!valid || (head->has_length && head->length != value))
            head->broken = true;
        head->has_length = true;
        head->length = value;
    }
}

/* RFC 9112, 6.3: what counts is whether "the chunked transfer coding … is the final encoding", of all the fields
 * together. */
static void read_codings(struct wt_span list, struct wt_http1_head *head)
{
    head->coded = true;
    while (list.n) {
        struct wt_span one = next_of(&list);
        if (one.n)
            head->chunked = is(one, "chunked");
    }
}

static void first_of(struct wt_span *field, struct wt_span value)
{
    if (!field->p)
        *field = value;
}

static void read_field(struct wt_span line, struct wt_http1_head *head)
{
    const uint8_t *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    if (!colon)
        return;
    /* RFC 9112, 5.1: a server "MUST reject" a name with white space behind it, a proxy "MUST remove" it from a
     * response. What the receiver did with it is seen in what follows; here it is removed. */
    struct wt_span name = trim(wt_span_cut(line, 0, (size_t)(colon - line.p)));
    struct wt_span value = trim(wt_span_cut(line, (size_t)(colon - line.p) + 1, line.n));
    if (is(name, "content-length"))
        read_length(value, head);
    else if (is(name, "transfer-encoding"))
        read_codings(value, head);
    else if (is(name, "host"))
        first_of(&head->host, value);
    else if (is(name, "content-type"))
        first_of(&head->content_type, value);
    else if (is(name, "content-encoding"))
        first_of(&head->content_encoding, value);
    else if (is(name, "upgrade"))
        first_of(&head->upgrade, value);
}

/* Takes the next line; `folded`: with the lines that continue it (obs-fold: RFC 9112, 5.2). */
static struct wt_span next_line(struct wt_span *block, bool folded)
{
    struct wt_span line = *block;
    size_t n = 0;
    while (n < block->n) {
        const uint8_t *end = memchr(block->p + n, '\n', block->n - n);
        n = end ? (size_t)(end - block->p) + 1 : block->n;
        if (!folded || n == block->n || (block->p[n] != ' ' && block->p[n] != '\t'))
            break;
    }
    line.n = n;
    *block = wt_span_cut(*block, n, block->n);
    return line;
}

bool wt_http1_head_read(struct wt_span block, bool request, struct wt_http1_head *head)
{
    *head = (struct wt_http1_head){0};
    struct wt_span line = next_line(&block, false);
    if (!(request ? wt_http1_request_line(line, head) : wt_http1_status_line(line, head)))
        return false;
    /* RFC 9112, 2.2: between the start line and the first field "consume each whitespace-preceded line without further
     * processing of it". */
    if (block.n && (block.p[0] == ' ' || block.p[0] == '\t'))
        (void)next_line(&block, true);
    while (block.n)
        read_field(next_line(&block, true), head);
    return true;
}
