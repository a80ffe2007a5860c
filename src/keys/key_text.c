#include "keys/key_text.h"

#include "crypto/library.h"

enum { MARK_MOST = 3 };

size_t wt_key_text_column(const struct wt_key_text *t, size_t at)
{
    return t->before + at + 1;
}

/* --- lines ------------------------------------------------------------------------------------------------------- */

static void begin_line(struct wt_key_text *t)
{
    t->within = false;
    t->n = 0;
    t->before = 0;
    t->too_long = false;
    t->zeros = false;
}

static void fault(struct wt_key_text *t, enum wt_problem_id id, uint64_t value)
{
    const struct wt_problem problem = {.id = id, .value = {value}};
    t->fault(t->context, 0, &problem);
}

static void too_long(struct wt_key_text *t)
{
    if (!t->too_long)
        fault(t, WT_PROBLEM_KEYLOG_LONG, WT_LIMIT_KEYLOG_LINE);
    t->too_long = true;
    wt_wipe(t->held, t->n);
    t->n = 0;
}

/* Puts bytes of a line whose end is not there yet by. */
static void hold(struct wt_key_text *t, struct wt_span piece)
{
    if (t->too_long || !piece.n)
        return;
    if (piece.n > sizeof t->held - t->n) {
        too_long(t);
        return;
    }
    memcpy(t->held + t->n, piece.p, piece.n);
    t->n += piece.n;
}

/* The rest of a line has come. */
static void end_line(struct wt_key_text *t, struct wt_span rest)
{
    if (t->n) {
        hold(t, rest);
        if (!t->too_long)
            t->line(t->context, wt_span_of(t->held, t->n));
        wt_wipe(t->held, t->n);
    } else if (rest.n > WT_LIMIT_KEYLOG_LINE) {
        too_long(t);
    } else if (!t->too_long) {
        /* An empty line has a place too: readers compare pointers into it. */
        t->line(t->context, rest.n ? rest : wt_span_of(t->held, 0));
    }
    t->ended++;
    begin_line(t);
}

/* --- encodings -----------------------------------------------------------------------------------------------------
 */

/* Lines of a key log begin with ASCII. */
static bool is_ascii(uint8_t b)
{
    return (b >= ' ' && b < 0x7f) || (b >= '\t' && b <= '\r');
}

/* Bytes of the byte order mark that p begins with, and its encoding; 0 without. RFC 9850, 2: "the file MUST NOT contain
 * a Unicode byte order mark (U+FEFF)": waived, some editors write one all the same. */
static size_t mark_of(const uint8_t *p, size_t n, uint8_t *coding)
{
    static const struct {
        uint8_t n, bytes[MARK_MOST], coding;
    } marks[] = {{3, {0xef, 0xbb, 0xbf}, WT_CODING_BYTES},
                 {2, {0xff, 0xfe}, WT_CODING_UTF16LE},
                 {2, {0xfe, 0xff}, WT_CODING_UTF16BE}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (n >= marks[i].n && memcmp(p, marks[i].bytes, marks[i].n) == 0) {
            *coding = marks[i].coding;
            return marks[i].n;
        }
    }
    return 0;
}

/* Whether more bytes may make a byte order mark of these. */
static bool may_be_mark(const uint8_t *p, size_t n)
{
    return (n == 1 && (p[0] == 0xef || p[0] == 0xff || p[0] == 0xfe)) || (n == 2 && p[0] == 0xef && p[1] == 0xbb);
}

/* The encoding of a line whose first bytes are these, `now` being that of the line before. */
static uint8_t coding_of(const uint8_t *p, size_t n, uint8_t now)
{
    bool second = n < 4 || (p[0] ? !p[3] && p[2] : p[3] && !p[2]);
    if (n >= 2 && p[0] && !p[1] && second)
        return WT_CODING_UTF16LE;
    if (n >= 2 && !p[0] && p[1] && second)
        return WT_CODING_UTF16BE;
    if (now == WT_CODING_BYTES || n < 2)
        return WT_CODING_BYTES;
    /* two letters of ASCII are a letter of Chinese in UTF-16: four are more likely what they look like */
    return n >= 4 && is_ascii(p[0]) && is_ascii(p[1]) && is_ascii(p[2]) && is_ascii(p[3]) ? WT_CODING_BYTES : now;
}

/* The line's first bytes are known: what they are taken for. */
static void settle(struct wt_key_text *t)
{
    uint8_t first[sizeof t->first];
    size_t n = t->first_n, mark = mark_of(t->first, n, &t->coding);
    memcpy(first, t->first, n);
    t->first_n = 0;
    t->within = true;
    if (!mark)
        t->coding = coding_of(first, n, t->coding);
    else if (t->coding == WT_CODING_BYTES)
        t->before += mark;
    wt_key_text_feed(t, wt_span_of(first + mark, n - mark));
}

/* Gathers the line's first bytes until they are enough to judge. */
static void gather(struct wt_key_text *t, struct wt_span *text)
{
    uint8_t coding;
    while (text->n && t->first_n < sizeof t->first) {
        t->first[t->first_n++] = text->p[0];
        *text = wt_span_cut(*text, 1, text->n);
        if (mark_of(t->first, t->first_n, &coding) || (t->first_n >= 2 && t->coding == WT_CODING_BYTES && t->first[0] &&
                                                       t->first[1] && !may_be_mark(t->first, t->first_n)))
            break;
    }
    if (t->first_n == sizeof t->first || (t->first_n >= 2 && text->n) || mark_of(t->first, t->first_n, &coding))
        settle(t);
}

/* A log that was cut while its writer had it open begins with a run of NUL bytes: its first line comes after them. */
static struct wt_span skip_zeros(struct wt_key_text *t, struct wt_span text)
{
    size_t n = 0;
    if (t->n || t->too_long)
        return text;
    while (n < text.n && text.p[n] == 0)
        n++;
    if (n && !t->zeros)
        fault(t, WT_PROBLEM_KEYLOG_NUL, 0);
    t->zeros = t->zeros || n;
    t->before += n;
    return wt_span_cut(text, n, text.n);
}

/* One line of bytes at most. Ends lines at CR, LF or CRLF: RFC 9850, 2: "Tools that process these files MUST accept
 * CRLF […], CR […], or LF […] as a line terminator". *feed is where the text's next LF is, or its end: searched for
 * once, and the search for CR stays before it. */
static void take_bytes(struct wt_key_text *t, struct wt_span *text, const uint8_t **feed)
{
    const uint8_t *p = text->p, *end = p + text->n, *stop;
    if (t->return_last && *p == '\n') {
        t->return_last = false;
        t->within = false;
        *text = wt_span_cut(*text, 1, text->n);
        return;
    }
    t->return_last = false;
    if (!*feed || *feed < p)
        *feed = memchr(p, '\n', text->n);
    if (!*feed)
        *feed = end;
    stop = memchr(p, '\r', (size_t)(*feed - p));
    if (!stop)
        stop = *feed;
    struct wt_span rest = wt_span_of(p, (size_t)(stop - p));
    if (rest.n)
        rest = skip_zeros(t, rest);
    if (stop == end) {
        hold(t, rest);
        *text = (struct wt_span){0};
        return;
    }
    end_line(t, rest);
    t->return_last = *stop == '\r';
    *text = wt_span_cut(*text, (size_t)(stop - p) + 1, text->n);
}

/* As a byte: no-break spaces come with what was pasted from a page. */
static uint8_t narrow(unsigned unit)
{
    return unit == 0xa0 || unit == 0x3000 || unit == 0xfeff ? ' ' : unit < 0x80 ? (uint8_t)unit : 0xff;
}

static void take_unit(struct wt_key_text *t, unsigned unit)
{
    uint8_t byte = narrow(unit);
    if (byte == '\n' && t->return_last) {
        t->return_last = false;
        t->within = false;
    } else if (byte == '\n' || byte == '\r') {
        end_line(t, (struct wt_span){0});
        t->return_last = byte == '\r';
    } else {
        t->return_last = false;
        struct wt_span one = skip_zeros(t, wt_span_of(&byte, 1));
        hold(t, one);
    }
}

static unsigned unit_of(uint8_t coding, uint8_t first, uint8_t second)
{
    return coding == WT_CODING_UTF16LE ? first | (unsigned)second << 8 : second | (unsigned)first << 8;
}

/* One line of UTF-16 at most. */
static void take_units(struct wt_key_text *t, struct wt_span *text)
{
    while (text->n && t->within) {
        uint8_t byte = text->p[0];
        *text = wt_span_cut(*text, 1, text->n);
        t->halved = !t->halved;
        if (t->halved)
            t->half = byte;
        else
            take_unit(t, unit_of(t->coding, t->half, byte));
    }
}

void wt_key_text_feed(struct wt_key_text *t, struct wt_span text)
{
    const uint8_t *feed = NULL;
    while (text.n) {
        if (!t->within && !t->first_n && t->coding == WT_CODING_BYTES && text.n >= 2 && is_ascii(text.p[0]) &&
            is_ascii(text.p[1]))
            t->within = true;
        if (!t->within)
            gather(t, &text);
        else if (t->coding == WT_CODING_BYTES)
            take_bytes(t, &text, &feed);
        else
            take_units(t, &text);
    }
}

void wt_key_text_end(struct wt_key_text *t)
{
    while (t->first_n)
        settle(t);
    if (t->n)
        end_line(t, (struct wt_span){0});
    wt_wipe(t->held, sizeof t->held);
}

size_t wt_key_text_narrow(struct wt_span text, uint8_t *out)
{
    uint8_t coding = WT_CODING_BYTES;
    size_t mark = mark_of(text.p, text.n, &coding), n = 0;
    if (!mark && text.n)
        coding = coding_of(text.p, text.n, coding);
    text = wt_span_cut(text, mark, text.n);
    if (coding == WT_CODING_BYTES) {
        if (text.n)
            memcpy(out, text.p, text.n);
        return text.n;
    }
    for (size_t i = 0; i + 1 < text.n; i += 2)
        out[n++] = narrow(unit_of(coding, text.p[i], text.p[i + 1]));
    return n;
}
