#include "certificate/printed.h"

#include "base/utf8.h"
#include <arpa/inet.h>

void wt_printed_start(struct wt_printed *p, struct wt_arena *arena)
{
    *p = (struct wt_printed){.arena = arena, .bio = BIO_new(BIO_s_mem())};
}

void wt_printed_free(struct wt_printed *p)
{
    BIO_free(p->bio);
    wt_buffer_free(&p->text);
}

void wt_printed_add(struct wt_printed *p, struct wt_span s, bool escaped)
{
    static const char digits[] = "0123456789ABCDEF";
    struct wt_buffer *b = &p->text;
    struct wt_printed_run run = {0};
    size_t i = 0, plain = 0;
    while (i < s.n) {
        size_t n = wt_printable_next(wt_span_cut(s, i, s.n), &run);
        if (n && (escaped || s.p[i] != '\\')) {
            i += n;
            continue;
        }
        wt_buffer_add(b, s.p + plain, i - plain);
        char out[3] = {'\\', digits[s.p[i] >> 4], digits[s.p[i] & 15]};
        if (s.p[i] == '\\')
            wt_buffer_add(b, "\\\\", 2);
        else
            wt_buffer_add(b, out, 3);
        plain = ++i;
    }
    wt_buffer_add(b, s.p + plain, s.n - plain);
}

const char *wt_printed_copy(struct wt_printed *p, struct wt_span s)
{
    return (const char *)wt_arena_copy(p->arena, s).p;
}

const char *wt_printed_keep(struct wt_printed *p)
{
    return wt_printed_copy(p, wt_buffer_span(&p->text));
}

const char *wt_printed_hex(struct wt_printed *p, struct wt_span s)
{
    p->text.n = 0;
    wt_buffer_add_hex(&p->text, s);
    return wt_printed_keep(p);
}

const char *wt_printed_string(struct wt_printed *p, const ASN1_STRING *s)
{
    int n = ASN1_STRING_length(s);
    p->text.n = 0;
    if (n > 0)
        wt_printed_add(p, wt_span_of(ASN1_STRING_get0_data(s), (size_t)n), false);
    return wt_printed_keep(p);
}

const char *wt_printed_name(struct wt_printed *printed, const X509_NAME *n)
{
    /* RFC 4514 requires UTF-8; RFC 2253's flags would turn all but ASCII into \XX. */
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    char *p = NULL;
    (void)BIO_reset(printed->bio);
    printed->text.n = 0;
    if (X509_NAME_print_ex(printed->bio, n, 0, flags) >= 0) {
        long length = BIO_get_mem_data(printed->bio, &p);
        if (length > 0)
            wt_printed_add(printed, wt_span_of(p, (size_t)length), true);
    } else if ((p = X509_NAME_oneline(n, NULL, 0))) {
        /* A value that does not match the character set that it claims: OpenSSL's old form, which escapes bytes. */
        wt_printed_add(printed, wt_span_text(p), true);
        OPENSSL_free(p);
    }
    return wt_printed_keep(printed);
}

const char *wt_printed_address(struct wt_printed *printed, const ASN1_STRING *s)
{
    char out[INET6_ADDRSTRLEN];
    int n = ASN1_STRING_length(s);
    const uint8_t *p = ASN1_STRING_get0_data(s);
    if ((n == 4 || n == 16) && inet_ntop(n == 4 ? AF_INET : AF_INET6, p, out, sizeof out))
        return wt_printed_copy(printed, wt_span_text(out));
    /* RFC 5280, 4.2.1.6: "the octet string MUST contain exactly four octets" or "exactly sixteen octets". */
    return wt_printed_hex(printed, wt_span_of(p, n > 0 ? (size_t)n : 0));
}
