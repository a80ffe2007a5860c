#include "report/json/writer.h"

#include "base/digits.h"
#include "base/i18n.h"
#include "base/sentences.h"
#include "base/utf8.h"
#include "report/json/marks.h"

void wt_json_flush(struct wt_json *j)
{
    struct wt_output *o = j->output;
    if (j->n && !o->failed && !o->write(o->context, j->room, j->n))
        o->failed = true;
    j->n = 0;
    if (j->marks)
        j->marks->lost = true;
}

char *wt_json_flushed(struct wt_json *j)
{
    wt_json_flush(j);
    return j->room;
}

/* Most of what is written is a few bytes: two moves that overlap, without a call. */
static inline void copy(char *to, const void *from, size_t n)
{
    const char *p = from;
    if (n > 32) {
        memcpy(to, p, n);
    } else if (n >= 16) {
        memcpy(to, p, 16);
        memcpy(to + n - 16, p + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, p, 8);
        memcpy(to + n - 8, p + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, p, 4);
        memcpy(to + n - 4, p + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++)
            to[i] = p[i];
    }
}

static void put(struct wt_json *j, const char *bytes, size_t n)
{
    while (n) {
        if (j->n == sizeof j->room)
            wt_json_flush(j);
        size_t part = sizeof j->room - j->n;
        if (part > n)
            part = n;
        copy(j->room + j->n, bytes, part);
        j->n += part;
        bytes += part;
        n -= part;
    }
}

static inline void put_char(struct wt_json *j, char c)
{
    *wt_json_room(j, 1) = c;
    j->n++;
}

/* What has to stand before a value or a key. */
static inline void begin(struct wt_json *j)
{
    if (j->comma)
        put_char(j, ',');
    j->comma = true;
}

void wt_json_start(struct wt_json *j, struct wt_output *output)
{
    j->output = output;
    j->marks = NULL;
    j->memo = NULL;
    j->n = 0;
    j->comma = false;
    j->has_second = false;
}

void wt_json_line(struct wt_json *j)
{
    put_char(j, '\n');
    wt_json_flush(j);
    j->comma = false;
}

static void end_key(struct wt_json *j)
{
    char *p = wt_json_room(j, 2);
    p[0] = '"';
    p[1] = ':';
    j->n += 2;
    j->comma = false;
}

void wt_json_key_joined(struct wt_json *j, const char *a, const char *b)
{
    begin(j);
    put_char(j, '"');
    put(j, a, strlen(a));
    put(j, b, strlen(b));
    end_key(j);
}

void wt_json_bool(struct wt_json *j, bool value)
{
    begin(j);
    put(j, value ? "true" : "false", value ? 4 : 5);
}

void wt_json_null(struct wt_json *j)
{
    begin(j);
    put(j, "null", 4);
}

void wt_json_raw(struct wt_json *j, struct wt_span json)
{
    if (!json.n)
        return;
    begin(j);
    put(j, (const char *)json.p, json.n);
}

void wt_json_number(struct wt_json *j, uint64_t value)
{
    char *p = wt_json_room(j, 1 + WT_DECIMAL_MOST);
    *p = ',';
    p += j->comma;
    j->comma = true;
    j->n = (size_t)(wt_digits_decimal(p, value) - j->room);
}

void wt_json_integer(struct wt_json *j, int64_t value)
{
    if (value >= 0) {
        wt_json_number(j, (uint64_t)value);
        return;
    }
    begin(j);
    put_char(j, '-');
    j->comma = false;
    wt_json_number(j, 0 - (uint64_t)value);
}

void wt_json_hex(struct wt_json *j, struct wt_span bytes)
{
    enum { AT_ONCE = 1024 };
    begin(j);
    put_char(j, '"');
    for (size_t i = 0; i < bytes.n; i += AT_ONCE) {
        const struct wt_span part = wt_span_cut(bytes, i, AT_ONCE);
        (void)wt_digits_hex(wt_json_room(j, 2 * part.n), part);
        j->n += 2 * part.n;
    }
    put_char(j, '"');
}

void wt_json_code(struct wt_json *j, uint64_t value, unsigned bytes)
{
    char *p = wt_json_room(j, 5 + 2 * sizeof value);
    *p = ',';
    p += j->comma;
    j->comma = true;
    memcpy(p, "\"0x", 4);
    p += 3;
    if (bytes == 2 && value <= UINT16_MAX) { /* nearly all */
        memcpy(p, wt_hex_pairs[value >> 8].digits, 2);
        memcpy(p + 2, wt_hex_pairs[value & 0xff].digits, 2);
        p += 4;
    } else {
        if (bytes == 0)
            for (bytes = 1; bytes < 8 && value >> (8 * bytes); bytes++)
                ;
        for (unsigned i = bytes; i-- > 0; p += 2)
            memcpy(p, wt_hex_pairs[value >> (8 * i) & 0xff].digits, 2);
    }
    *p++ = '"';
    j->n = (size_t)(p - j->room);
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

typedef int8_t lanes __attribute__((vector_size(16)));

/* Whether each of the 16 bytes there is plain; as signed numbers, those from 0x80 on are below 0x20, too. Vectors are
 * no arguments and no results: how those are handed over differs between machines. */
static bool are_plain(const void *bytes)
{
    lanes v;
    memcpy(&v, bytes, sizeof v);
    const lanes bad = (v < 0x20) | (v == 0x7f) | (v == '"') | (v == '\\');
    uint64_t half[2];
    memcpy(half, &bad, sizeof half);
    return !(half[0] | half[1]);
}

/* Up to 15 bytes, of which some are taken twice, so that no lane is empty. */
static bool are_few_plain(const uint8_t *p, size_t n)
{
    uint64_t half[2];
    if (n >= 8) {
        memcpy(&half[0], p, 8);
        memcpy(&half[1], p + n - 8, 8);
    } else if (n >= 4) {
        uint32_t head, tail;
        memcpy(&head, p, 4);
        memcpy(&tail, p + n - 4, 4);
        half[0] = half[1] = (uint64_t)tail << 32 | head;
    } else {
        half[0] = half[1] = 0x0000010101010101u * p[0] | (uint64_t)p[n / 2] << 48 | (uint64_t)p[n - 1] << 56;
    }
    return are_plain(half);
}

/* How many bytes from p on are plain; the last 16 once more from their end. */
static size_t plain(const uint8_t *p, size_t n)
{
    size_t i = 0;
    if (!n)
        return 0;
    while (n - i >= 16 && are_plain(p + i))
        i += 16;
    if (n - i < 16 && (n < 16 ? are_few_plain(p, n) : are_plain(p + n - 16)))
        return n;
    while (i < n && is_plain(p[i]))
        i++;
    return i;
}

/* One byte as the text \xHH, whose own backslash JSON wants doubled. */
static void put_byte(struct wt_json *j, uint8_t c)
{
    char *p = wt_json_room(j, 5);
    p[0] = '\\';
    p[1] = '\\';
    p[2] = 'x';
    memcpy(p + 3, wt_hex_pairs[c].digits, 2);
    j->n += 5;
}

/* A mark of a neutral sentence: U+0081 to U+0083 for 1 to 3, which JSON would have to escape in six bytes. No text has
 * one of these itself: what is not printable is escaped. */
static size_t mark(char *p, uint8_t c)
{
    p[0] = (char)0xc2;
    p[1] = (char)(0x80 + c);
    return 2;
}

static void put_escaped(struct wt_json *j, const uint8_t *p, size_t n, bool wire)
{
    struct wt_printed_run run = {0};
    size_t i = 0;
    while (i < n) {
        size_t from = i;
        i += plain(p + i, n - i);
        put(j, (const char *)p + from, i - from);
        if (i == n)
            break;
        if (i > from)
            run = (struct wt_printed_run){p[i - 1], 0};
        size_t whole = p[i] < 0x80 ? 0 : wt_printable_next(wt_span_of(p + i, n - i), &run);
        if (whole)
            put(j, (const char *)p + i, whole);
        else if (p[i] == '"')
            put(j, "\\\"", 2);
        else if (p[i] == '\\')
            put(j, "\\\\\\\\", wire ? 4 : 2);
        else if (!wire && p[i] <= WT_SENTENCE_END && wt_text_is_neutral())
            j->n += mark(wt_json_room(j, 2), p[i]);
        else
            put_byte(j, p[i]);
        if (p[i] < 0x80)
            run = (struct wt_printed_run){p[i] == '"' || p[i] == '\\' ? p[i] : 0, 0};
        i += whole ? whole : 1;
    }
}

enum { SHORT = 256 };

/* A neutral text of few bytes, up to what needs a closer look; *to has room for twice as many. Returns how many. */
static size_t put_marked(char **to, const uint8_t *p, size_t n)
{
    char *q = *to;
    size_t i = 0;
    for (; i < n && p[i] < 0x7f && p[i] != '\\'; i++) {
        if (p[i] >= 0x20) {
            if (p[i] == '"')
                *q++ = '\\';
            *q++ = (char)p[i];
        } else if (p[i] && p[i] <= WT_SENTENCE_END) {
            q += mark(q, p[i]);
        } else {
            break;
        }
    }
    if (i < n && i && p[i - 1] >= 0x20) { /* what follows may be a mark upon it */
        i--;
        q -= 1 + (p[i] == '"');
    }
    *to = q;
    return i;
}

/* Most strings are short and plain: one look at the room for all of it. */
static void put_string(struct wt_json *j, const uint8_t *p, size_t n, bool wire)
{
    char *to = wt_json_room(j, 2 * SHORT + 3);
    size_t done = 0;
    if (j->comma)
        *to++ = ',';
    j->comma = true;
    *to++ = '"';
    if (n <= SHORT && plain(p, n) == n) {
        copy(to, p, n);
        to[n] = '"';
        j->n = (size_t)(to + n + 1 - j->room);
        return;
    }
    if (n <= SHORT && !wire && wt_text_is_neutral())
        done = put_marked(&to, p, n);
    j->n = (size_t)(to - j->room);
    put_escaped(j, p + done, n - done, wire);
    put_char(j, '"');
}

void wt_json_text_of(struct wt_json *j, const char *text, size_t n)
{
    put_string(j, (const uint8_t *)text, n, false);
}

void wt_json_text(struct wt_json *j, const char *text)
{
    put_string(j, (const uint8_t *)(text ? text : ""), text ? strlen(text) : 0, false);
}

void wt_json_text_joined(struct wt_json *j, const char *word, const char *text)
{
    const size_t n = strlen(text);
    wt_json_word(j, word);
    j->n--;
    put(j, ": ", 2);
    if (n <= SHORT && plain((const uint8_t *)text, n) == n)
        put(j, text, n);
    else
        put_escaped(j, (const uint8_t *)text, n, false);
    put_char(j, '"');
}

void wt_json_member_plain(struct wt_json *j, const char *key, const char *text)
{
    if (!text)
        return;
    wt_json_key_word(j, key);
    put_char(j, '"');
    put(j, text, strlen(text));
    put_char(j, '"');
    j->comma = true;
}

void wt_json_wire(struct wt_json *j, struct wt_span bytes)
{
    put_string(j, bytes.p, bytes.n, true);
}

void wt_json_key_text(struct wt_json *j, const char *key)
{
    wt_json_text(j, key);
    put_char(j, ':');
    j->comma = false;
}

/* Days since 1970-01-01 to year, month, day in the Gregorian calendar: counted in eras of 400 years that start in
 * March, so that the leap day comes last. */
static void civil(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468; /* to 0000-03-01 */
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned doe = (unsigned)(days - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    unsigned shifted = (5 * doy + 2) / 153;
    *day = doy - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int64_t)yoe + era * 400 + (*month <= 2);
}

/* The first `digits` of nine, after a point. Returns where the text goes on. */
static char *fraction(char *p, uint64_t ns, unsigned digits)
{
    static const uint32_t powers[10] = {1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    if (digits == 0)
        return p;
    if (digits > 9)
        digits = 9;
    *p++ = '.';
    if (digits == 6) /* nearly all */
        return wt_digits_six(p, (unsigned)ns / 1000);
    return wt_digits_fixed(p, ns / powers[digits], digits);
}

/* The years 0000 to 9999, which are all that RFC 3339 can write. */
#define FIRST_SECOND (-62167219200)
#define LAST_SECOND 253402300799

/* Date and time of day. */
static void format_second(char out[WT_JSON_SECOND], int64_t seconds)
{
    int64_t in_day = seconds % 86400, days = seconds / 86400, year;
    unsigned month, day;
    if (in_day < 0) {
        in_day += 86400;
        days--;
    }
    civil(days, &year, &month, &day);
    memcpy(out, "0000-00-00T00:00:00", WT_JSON_SECOND);
    (void)wt_digits_fixed(out, (uint64_t)year, 4);
    (void)wt_digits_pair(out + 5, month);
    (void)wt_digits_pair(out + 8, day);
    (void)wt_digits_pair(out + 11, (unsigned)in_day / 3600);
    (void)wt_digits_pair(out + 14, (unsigned)in_day / 60 % 60);
    (void)wt_digits_pair(out + 17, (unsigned)in_day % 60);
}

/* Most of a connection's messages come within one second, some in one packet. */
static void put_time(struct wt_json *j, int64_t seconds, uint64_t ns, unsigned digits)
{
    if (seconds < FIRST_SECOND)
        seconds = FIRST_SECOND;
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    const bool same = j->has_second && j->second == seconds;
    if (!same)
        format_second(j->time_text + 1, seconds);
    if (!same || j->ns != ns || j->digits != digits) {
        char *p = fraction(j->time_text + 1 + WT_JSON_SECOND, ns, digits);
        j->time_text[0] = '"';
        *p++ = 'Z';
        *p++ = '"';
        j->time_n = (uint8_t)(p - j->time_text);
    }
    j->second = seconds;
    j->ns = ns;
    j->digits = digits;
    j->has_second = true;
    char *to = wt_json_room(j, 1 + WT_JSON_TIME);
    *to = ',';
    to += j->comma;
    j->comma = true;
    memcpy(to, j->time_text, WT_JSON_TIME);
    j->n = (size_t)(to + j->time_n - j->room);
}

void wt_json_time(struct wt_json *j, struct wt_time time)
{
    const int64_t second = 1000000000;
    int64_t ns = time.ns % second, seconds = time.ns / second;
    if (ns < 0) {
        ns += second;
        seconds--;
    }
    put_time(j, seconds, (uint64_t)ns, time.digits);
}

void wt_json_date(struct wt_json *j, int64_t seconds)
{
    put_time(j, seconds, 0, 0);
}

void wt_json_seconds(struct wt_json *j, int64_t ns, unsigned digits)
{
    uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    char *p = wt_json_room(j, 2 + WT_DECIMAL_MOST + 10);
    *p = ',';
    p += j->comma;
    j->comma = true;
    *p = '-';
    p += ns < 0;
    p = wt_digits_decimal(p, size / 1000000000);
    j->n = (size_t)(fraction(p, size % 1000000000, digits) - j->room);
}
