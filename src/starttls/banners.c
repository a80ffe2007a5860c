/* What a server speaks that answers a ClientHello with something else. */
#include "starttls/banners.h"

#include "starttls/lines.h"

#include <ctype.h>

/* MySQL: a packet's header with sequence number 0, and a greeting of protocol 10 or an ERR packet. */
static bool greets_mysql(struct wt_span s)
{
    return s.n >= 6 && s.p[0] > 2 && s.p[2] == 0 && s.p[3] == 0 && (s.p[4] == 10 || s.p[4] == 0xff);
}

/* PostgreSQL: an ErrorResponse, whose first field is the severity. */
static bool greets_postgresql(struct wt_span s)
{
    return s.n >= 6 && s.p[0] == 'E' && s.p[1] == 0 && s.p[2] == 0 && s.p[5] == 'S';
}

/* RFC 9113, 3.4: the server's preface "consists of a potentially empty SETTINGS frame (Section 6.5) that MUST be the
 * first frame the server sends"; 6.5: of stream 0, whose length is a multiple of 6. What a ClientHello is answered with
 * may be the GOAWAY alone (6.8), also of stream 0. */
static bool greets_http2(struct wt_span s)
{
    enum { SETTINGS = 4, GOAWAY = 7, HEADER = 9, SETTING = 6, LAST_AND_CODE = 8 };
    if (s.n < HEADER || s.p[0] || s.p[4] || s.p[5] || s.p[6] || s.p[7] || s.p[8])
        return false;
    const unsigned length = (unsigned)s.p[1] << 8 | s.p[2];
    return s.p[3] == SETTINGS ? length % SETTING == 0 : s.p[3] == GOAWAY && length >= LAST_AND_CODE;
}

/* RFC 854: IAC, and WILL, WON'T, DO or DON'T. */
static bool greets_telnet(struct wt_span s)
{
    return s.n >= 3 && s.p[0] == 255 && s.p[1] >= 251 && s.p[1] <= 254;
}

/* RFC 959, 4.2, RFC 5321, 4.2 and RFC 3977, 3.2: three digits, and a space or a hyphen. */
static bool is_numbered(struct wt_span s)
{
    return s.n >= 4 && s.p[0] >= '1' && s.p[0] <= '5' && isdigit(s.p[1]) && isdigit(s.p[2]) &&
           (s.p[3] == ' ' || s.p[3] == '-');
}

enum wt_banner wt_banners_find(struct wt_span s)
{
    static const struct {
        enum wt_banner banner;
        const char *start;
    } banners[] = {
#define WT_BANNER(ID, start) {WT_BANNER_##ID, start},
#include "starttls/banners.def"
#undef WT_BANNER
    };
    for (size_t i = 0; i < sizeof banners / sizeof *banners; i++)
        if (wt_span_starts(s, banners[i].start))
            return banners[i].banner;
    if (greets_http2(s))
        return WT_BANNER_HTTP2;
    if (greets_mysql(s))
        return WT_BANNER_MYSQL;
    if (greets_postgresql(s))
        return WT_BANNER_POSTGRESQL;
    if (greets_telnet(s))
        return WT_BANNER_TELNET;
    if (is_numbered(s))
        return WT_BANNER_NUMBERED;
    return s.n && s.p[0] == ':' && wt_lines_say(s, " NOTICE ") ? WT_BANNER_IRC : WT_BANNER_NONE;
}
