#include "observer/fingerprint/fingerprint.h"

#include "base/memory.h"

#include <stdlib.h>

/* A list `prefix` bytes of length, then elements, as the body of an extension; what a broken length leaves. */
static struct wt_span list_of(struct wt_span body, unsigned prefix)
{
    if (body.n < prefix)
        return (struct wt_span){0};
    size_t n = prefix == 1 ? body.p[0] : wt_get16(body.p);
    return wt_span_cut(body, prefix, n);
}

/* --- JA3 ---------------------------------------------------------------------------------------------------------- */

enum { DECIMAL_MOST = 6 }; /* "65535-" */

static uint8_t *decimal(uint8_t *p, unsigned v)
{
    uint8_t digits[5];
    size_t n = 0;
    do {
        digits[n++] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while (v);
    while (n)
        *p++ = digits[--n];
    return p;
}

/* "1-2-3": each number with its dash, and the last dash taken back. */
static uint8_t *codes(uint8_t *p, struct wt_span list)
{
    uint8_t *start = p;
    for (size_t i = 0; i < list.n / 2; i++) {
        uint16_t code = wt_codes_at(list, i);
        if (wt_is_grease(code))
            continue;
        p = decimal(p, code);
        *p++ = '-';
    }
    return p == start ? p : p - 1;
}

static uint8_t *extension_ids(uint8_t *p, struct wt_span block)
{
    uint8_t *start = p;
    struct wt_extension e;
    while (wt_extensions_next(&block, &e)) {
        if (wt_is_grease(e.id))
            continue;
        p = decimal(p, e.id);
        *p++ = '-';
    }
    return p == start ? p : p - 1;
}

static uint8_t *bytes(uint8_t *p, struct wt_span list)
{
    for (size_t i = 0; i < list.n; i++) {
        if (i)
            *p++ = '-';
        p = decimal(p, list.p[i]);
    }
    return p;
}

bool wt_fingerprint_ja3(const struct wt_client_hello *hello, struct wt_buffer *text)
{
    struct wt_span rest = hello->extensions.block, groups = {0}, formats = {0};
    struct wt_extension e;
    while (wt_extensions_next(&rest, &e)) {
        if (e.id == WT_EXT_SUPPORTED_GROUPS)
            groups = list_of(e.body, 2);
        else if (e.id == WT_EXT_EC_POINT_FORMATS)
            formats = list_of(e.body, 1);
    }
    /* Two bytes of wire make at most six of text, an extension takes four, a point format one ("255-"). */
    size_t most = 3 * hello->cipher_suites.n + 2 * hello->extensions.block.n + 3 * groups.n + 4 * formats.n + 16;
    uint8_t *start = wt_buffer_room(text, most), *p = start;
    if (!p)
        return false;
    p = decimal(p, hello->legacy_version);
    *p++ = ',';
    p = codes(p, hello->cipher_suites);
    *p++ = ',';
    p = extension_ids(p, hello->extensions.block);
    *p++ = ',';
    p = codes(p, groups);
    *p++ = ',';
    p = bytes(p, formats);
    text->n += (size_t)(p - start);
    return true;
}

bool wt_fingerprint_ja3s(const struct wt_server_hello *hello, struct wt_buffer *text)
{
    uint8_t *start = wt_buffer_room(text, 2 * hello->extensions.block.n + 3 * DECIMAL_MOST), *p = start;
    if (!p)
        return false;
    p = decimal(p, hello->legacy_version);
    *p++ = ',';
    p = decimal(p, hello->cipher_suite);
    *p++ = ',';
    p = extension_ids(p, hello->extensions.block);
    text->n += (size_t)(p - start);
    return true;
}

/* --- JA4 ---------------------------------------------------------------------------------------------------------- */

/* What one hello needs: numbers to sort and text to hash. The few that do not fit here go to the heap. */
struct scratch {
    uint16_t numbers[256];
    uint8_t text[2048];
};

static int compare(const void *a, const void *b)
{
    uint16_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void sort(uint16_t *v, size_t n)
{
    if (n > 64) {
        qsort(v, n, sizeof *v, compare);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint16_t x = v[i];
        size_t at = i;
        for (; at > 0 && v[at - 1] > x; at--)
            v[at] = v[at - 1];
        v[at] = x;
    }
}

static const char hex[] = "0123456789abcdef";

/* "0005,000a" of numbers; four digits and a comma each, the last comma taken back. */
static uint8_t *join(uint8_t *p, const uint16_t *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            *p++ = ',';
        *p++ = (uint8_t)hex[v[i] >> 12];
        *p++ = (uint8_t)hex[v[i] >> 8 & 15];
        *p++ = (uint8_t)hex[v[i] >> 4 & 15];
        *p++ = (uint8_t)hex[v[i] & 15];
    }
    return p;
}

static size_t collect(uint16_t *out, struct wt_span list)
{
    size_t n = 0;
    for (size_t i = 0; i < list.n / 2; i++) {
        uint16_t code = wt_codes_at(list, i);
        if (!wt_is_grease(code))
            out[n++] = code;
    }
    return n;
}

struct facts {
    struct wt_span versions, alpn, signatures;
    bool has_versions, has_server_name;
    size_t extensions; /* GREASE does not count */
};

static struct facts gather(const struct wt_client_hello *hello)
{
    struct facts f = {0};
    struct wt_span rest = hello->extensions.block;
    struct wt_extension e;
    while (wt_extensions_next(&rest, &e)) {
        f.extensions += !wt_is_grease(e.id);
        switch (e.id) {
        case WT_EXT_SERVER_NAME:
            f.has_server_name = true;
            break;
        case WT_EXT_SUPPORTED_VERSIONS:
            f.has_versions = true;
            f.versions = list_of(e.body, 1);
            break;
        case WT_EXT_SIGNATURE_ALGORITHMS:
            f.signatures = list_of(e.body, 2);
            break;
        case WT_EXT_ALPN:
            f.alpn = list_of(list_of(e.body, 2), 1); /* the first name */
            break;
        }
    }
    return f;
}

/* "If extension 0x002b exists (supported_versions), then the version is the highest value in the extension. Remember to
 * ignore GREASE values. If the extension doesn't exist, then the TLS version is the value of the Protocol Version." A
 * draft's number is the highest value too, and then an unknown one. DTLS counts downwards, so its highest version is
 * the lowest number. */
static uint16_t version_of(const struct wt_client_hello *hello, const struct facts *f, bool dtls)
{
    uint16_t highest = 0;
    if (!f->has_versions)
        return hello->legacy_version;
    for (size_t i = 0; i < f->versions.n / 2; i++) {
        uint16_t v = wt_codes_at(f->versions, i);
        if (!wt_is_grease(v) && (highest == 0 || (dtls ? v < highest : v > highest)))
            highest = v;
    }
    return highest;
}

static const char *version_text(uint16_t version)
{
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    case 0x0002:
        return "s2";
    case 0xfeff:
        return "d1";
    case 0xfefd:
        return "d2";
    case 0xfefc:
        return "d3";
    default:
        return "00";
    }
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static char *two_digits(char *p, size_t n)
{
    if (n > 99)
        n = 99;
    *p++ = (char)('0' + n / 10);
    *p++ = (char)('0' + n % 10);
    return p;
}

/* JA4_a, ten characters. */
static char *head(char *p, const struct wt_client_hello *hello, const struct facts *f, char transport, size_t ciphers)
{
    const char *version = version_text(version_of(hello, f, transport == 'd'));
    *p++ = transport;
    *p++ = version[0];
    *p++ = version[1];
    *p++ = f->has_server_name ? 'd' : 'i';
    p = two_digits(p, ciphers);
    p = two_digits(p, f->extensions);
    if (f->alpn.n == 0) {
        *p++ = '0';
        *p++ = '0';
        return p;
    }
    /* "If the first or last byte of the first ALPN is non-alphanumeric (meaning not 0x30-0x39, 0x41-0x5A, or
     * 0x61-0x7A), then we print the first and last characters of the hex representation of the first ALPN instead." */
    uint8_t first = f->alpn.p[0], last = f->alpn.p[f->alpn.n - 1];
    bool plain = is_alphanumeric(first) && is_alphanumeric(last);
    *p++ = plain ? (char)first : hex[first >> 4];
    *p++ = plain ? (char)last : hex[last & 15];
    return p;
}

/* Twelve hex characters: "if there are no ciphers" or extensions, zeros. */
static char *hash12(char *p, struct wt_crypto *crypto, struct wt_span text)
{
    uint8_t digest[WT_DIGEST_MOST] = {0};
    if (text.n && wt_digest(crypto, WT_HASH_SHA256, text, digest) == 0)
        return NULL;
    for (size_t i = 0; i < 6; i++) {
        *p++ = hex[digest[i] >> 4];
        *p++ = hex[digest[i] & 15];
    }
    return p;
}

/* JA4_b's and JA4_c's texts behind each other; *ciphers: how many suites, *middle: where the second text begins. */
static uint8_t *lists(uint8_t *p, uint16_t *numbers, const struct wt_client_hello *hello, const struct facts *f,
                      size_t *ciphers, uint8_t **middle)
{
    *ciphers = collect(numbers, hello->cipher_suites);
    sort(numbers, *ciphers);
    p = *middle = join(p, numbers, *ciphers);

    struct wt_span rest = hello->extensions.block;
    struct wt_extension e;
    size_t n = 0;
    while (wt_extensions_next(&rest, &e))
        if (!wt_is_grease(e.id) && e.id != WT_EXT_SERVER_NAME && e.id != WT_EXT_ALPN)
            numbers[n++] = e.id;
    sort(numbers, n);
    p = join(p, numbers, n);

    n = collect(numbers, f->signatures);
    if (n)
        *p++ = '_';
    return join(p, numbers, n);
}

bool wt_fingerprint_ja4(const struct wt_client_hello *hello, struct wt_crypto *crypto, char transport,
                        char out[WT_JA4_ROOM], struct wt_buffer *raw)
{
    struct scratch scratch;
    struct facts f = gather(hello);
    size_t suites = hello->cipher_suites.n / 2, signatures = f.signatures.n / 2;
    size_t all = suites + f.extensions + signatures, ciphers = 0;
    bool small = all <= sizeof scratch.numbers / sizeof *scratch.numbers && 5 * all + 1 <= sizeof scratch.text;
    uint16_t *numbers = small ? scratch.numbers : wt_malloc(all * (sizeof *numbers + 5) + 1);
    out[0] = '\0';
    if (!numbers)
        return false;
    uint8_t *text = small ? scratch.text : (uint8_t *)(numbers + all), *middle = NULL;
    uint8_t *end = lists(text, numbers, hello, &f, &ciphers, &middle);
    struct wt_span b = wt_span_of(text, (size_t)(middle - text)), c = wt_span_of(middle, (size_t)(end - middle));

    char *p = head(out, hello, &f, transport, ciphers);
    size_t head_length = (size_t)(p - out);
    *p++ = '_';
    p = hash12(p, crypto, b);
    if (p) {
        *p++ = '_';
        p = hash12(p, crypto, c);
    }
    bool ok = p != NULL;
    if (p)
        *p = '\0';
    if (ok && raw)
        ok = wt_buffer_add(raw, out, head_length) && wt_buffer_add_char(raw, '_') && wt_buffer_add(raw, b.p, b.n) &&
             wt_buffer_add_char(raw, '_') && wt_buffer_add(raw, c.p, c.n);
    if (!ok)
        out[0] = '\0';
    if (!small)
        free(numbers);
    return ok;
}
