/* Every form of report of one capture, as it is and for strangers: JSON, text, the ladder as SVG, the page.
 *
 * The first byte chooses the way in as in fuzz_observer (streams, segments, packets); the rest is a list of steps.
 *
 * Held to, beyond what watch.h holds: SVG is well-formed, a page is whole; and under redaction neither the capture's
 * name nor any string of the wire that has MARK in it survives, in letters of either case, in hex or in base64,
 * wherever the input has put it; nor do the addresses of the streams and segments. */
#include "watch.h"

#include "base/buffer.h"
#include "wiretale/page.h"
#include "wiretale/redact.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

#define MARK "zq7kx0vwj4"
enum { MARK_BYTES = sizeof MARK - 1 };

struct reports {
    struct heard heard;
    struct wt_redaction *redaction;
    struct wt_page *page, *shared; /* shared: for strangers */
    struct wt_buffer text;         /* what is looked at */
    bool addresses;                /* they are known */
};

static bool append(void *context, const char *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

/* --- nothing survives --------------------------------------------------------------------------------------------- */

static bool is_in(struct wt_span text, const char *what)
{
    return memmem(text.p, text.n, what, strlen(what)) != NULL;
}

/* Where three bytes become four characters, MARK has three forms; without the characters that depend on what is beside
 * it. */
static void base64_of(unsigned before, char out[32])
{
    uint8_t bytes[MARK_BYTES + 2] = {0};
    char text[32];
    memcpy(bytes + before, MARK, MARK_BYTES);
    (void)EVP_EncodeBlock((unsigned char *)text, bytes, (int)(MARK_BYTES + before));
    const size_t from = (before * 8 + 5) / 6, to = (MARK_BYTES + before) * 8 / 6;
    memcpy(out, text + from, to - from);
    out[to - from] = 0;
}

static void check_strange(struct reports *r)
{
    static char hex[2 * MARK_BYTES + 1], base64[3][32];
    struct wt_buffer *b = &r->text;
    if (!hex[0]) {
        for (size_t i = 0; i < MARK_BYTES; i++)
            (void)snprintf(hex + 2 * i, 3, "%02x", MARK[i]);
        for (unsigned before = 0; before < 3; before++)
            base64_of(before, base64[before]);
    }
    for (unsigned i = 0; i < 3; i++)
        hold(!is_in(wt_buffer_span(b), base64[i]), "an original survives in base64");
    for (size_t i = 0; i < b->n; i++)
        b->p[i] = (uint8_t)tolower(b->p[i]);
    hold(!is_in(wt_buffer_span(b), MARK) && !is_in(wt_buffer_span(b), hex), "an original survives");
    hold(!r->addresses || (!is_in(wt_buffer_span(b), "192.0.2.") && !is_in(wt_buffer_span(b), "2001:db8:")),
         "an address survives");
    b->n = 0;
}

/* --- forms -------------------------------------------------------------------------------------------------------- */

static void check_svg(const struct wt_buffer *b)
{
    static const char end[] = "</svg>\n";
    size_t depth = 0, most = 0;
    char quote = 0;
    bool tag = false;
    hold(b->n > sizeof end && memcmp(b->p, "<?xml ", 6) == 0 &&
             memcmp(b->p + b->n - (sizeof end - 1), end, sizeof end - 1) == 0,
         "a picture without beginning or end");
    for (size_t i = 0; i < b->n; i++) {
        const char c = (char)b->p[i];
        hold((uint8_t)c >= ' ' || c == '\n', "a character that XML 1.0 does not have");
        if (tag && quote) {
            hold(c != '<', "a tag in an attribute");
            quote = c == quote ? 0 : quote;
        } else if (tag) {
            quote = c == '"' || c == '\'' ? c : 0;
            hold(c != '<', "a tag in a tag");
            tag = c != '>';
            depth -= c == '>' && (b->p[i - 1] == '/' || b->p[i - 1] == '?');
        } else if (c == '<') {
            tag = true;
            hold(i + 1 < b->n && (b->p[i + 1] != '/' || depth > 0), "an end without a beginning");
            depth = b->p[i + 1] == '/' ? depth - 1 : depth + 1;
            most = depth > most ? depth : most;
        }
    }
    hold(!tag && depth == 0 && most > 1, "elements that do not end");
}

static void ladder(struct reports *r, const struct wt_connection *c)
{
    struct wt_output output = {append, &r->text, false};
    r->text.n = 0;
    wt_report_svg_ladder(&output, c);
    if (!output.failed)
        check_svg(&r->text);
}

static void for_strangers(struct reports *r, const struct wt_connection *c)
{
    struct wt_output output = {append, &r->text, false};
    const struct wt_json_options json = {sizeof json, .messages = true, .places = true, .packets = true,
                                         .fields = true};
    const struct wt_text_options text = {.size = sizeof text, .columns = 400, .explain = true, .bytes = true};
    ladder(r, c);
    check_strange(r);
    wt_report_json_connection(&output, c, &json);
    check_strange(r);
    wt_report_text_story(&output, c, &text);
    wt_report_text_line(&output, c, &text);
    check_strange(r);
}

static void on_story(void *context, const struct wt_connection *c)
{
    struct reports *r = context;
    const struct wt_connection *spoken = wt_connection_spoken(c);
    if (spoken) {
        on_connection(&r->heard, spoken);
        ladder(r, spoken);
    }
    wt_connection_spoken_free(spoken);
    hold(wt_page_add(r->page, c), "a page that takes no more");
    const struct wt_connection *shown = wt_redaction_story(r->redaction, c);
    spoken = shown ? wt_connection_spoken(shown) : NULL;
    if (spoken)
        for_strangers(r, spoken);
    wt_connection_spoken_free(spoken);
    if (shown)
        hold(wt_page_add(r->shared, shown), "a page that takes no more");
}

/* --- pages -------------------------------------------------------------------------------------------------------- */

/* Appends what an element holds: base64 of raw deflate. */
static void unpack(struct wt_buffer *to, struct wt_span text)
{
    uint8_t *packed = malloc(text.n + 4);
    z_stream z = {0};
    int n = 0, rest = 0, status = Z_OK;
    EVP_ENCODE_CTX *base64 = EVP_ENCODE_CTX_new();
    hold(packed && base64, "no memory");
    EVP_DecodeInit(base64);
    hold(EVP_DecodeUpdate(base64, packed, &n, text.p, (int)text.n) >= 0 &&
             EVP_DecodeFinal(base64, packed + n, &rest) >= 0 && inflateInit2(&z, -MAX_WBITS) == Z_OK,
         "an element that is not base64");
    z.next_in = packed;
    z.avail_in = (uInt)n;
    while (status == Z_OK) {
        uint8_t *room = wt_buffer_room(to, 1 << 16);
        hold(room != NULL, "no memory");
        z.next_out = room;
        z.avail_out = 1 << 16;
        status = inflate(&z, Z_NO_FLUSH);
        to->n += (1u << 16) - z.avail_out;
    }
    hold(status == Z_STREAM_END, "an element that cannot be unpacked");
    (void)inflateEnd(&z);
    EVP_ENCODE_CTX_free(base64);
    free(packed);
}

/* Writes the page, and has what is in its blocks and its index in r->text. */
static void written(struct reports *r, struct wt_page *page, const struct wt_summary *summary)
{
    static const char begin[] = "<script type=\"text/plain\" ", end[] = "</script>";
    struct wt_buffer html = {0};
    struct wt_output output = {append, &html, false};
    unsigned elements = 0;
    hold(wt_page_write(page, &output, summary, NULL), "a page that cannot be written");
    hold(html.n > 8 && memcmp(html.p + html.n - 8, "</html>\n", 8) == 0, "a page without its end");
    struct wt_span left = wt_buffer_span(&html);
    for (const uint8_t *p; (p = memmem(left.p, left.n, begin, sizeof begin - 1)); elements++) {
        left = wt_span_cut(left, (size_t)(p - left.p), SIZE_MAX);
        p = memchr(left.p, '>', left.n);
        hold(p != NULL, "an element without its end");
        left = wt_span_cut(left, (size_t)(p - left.p) + 1, SIZE_MAX);
        p = memmem(left.p, left.n, end, sizeof end - 1);
        hold(p != NULL, "an element without its end");
        unpack(&r->text, wt_span_cut(left, 0, (size_t)(p - left.p)));
    }
    hold(elements >= 2, "a page without its index, or without a block");
    wt_buffer_free(&html);
}

/* An observer lives on from input to input, as over many files. */
static struct wt_observer *observer_of(struct reports *r)
{
    static struct wt_observer *o;
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_story,
                                                .context = r,
                                                .neutral = true,
                                                .keep_messages = true,
                                                .keep_packet_headers = true,
                                                .keep_segments = true};
    if (!o)
        o = wt_observer_new(&options, NULL);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reports r;
    static unsigned inputs;
    struct wt_observer *o = observer_of(&r);
    if (size < 2 || !o)
        return 0;
    const unsigned mode = data[0] % 3;
    if (inputs++ % 64 == 0) { /* what it knows is dear; what it has met becomes more and more */
        wt_redaction_free(r.redaction);
        r.redaction = wt_redaction_new();
    }
    r.page = wt_page_new(NULL);
    r.shared = wt_page_new(NULL);
    r.heard.last_stream = -1;
    r.heard.many_files = mode == PACKETS;
    r.heard.brief = true;
    r.addresses = mode != PACKETS;
    if (r.redaction && r.page && r.shared) {
        wt_observer_file(o, MARK ".pcapng");
        way(o, mode, data + 1, size - 1);
        wt_observer_finish(o);
        check_summary(o, &r.heard);
        r.text.n = 0;
        written(&r, r.page, wt_observer_summary(o));
        r.text.n = 0;
        written(&r, r.shared, wt_observer_summary(o));
        check_strange(&r);
    }
    wt_page_free(r.page);
    wt_page_free(r.shared);
    wt_buffer_free(&r.text);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return mutate_way(data, size, most, seed);
}
