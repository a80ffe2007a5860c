/* Lines of the protocols in which TLS is requested. */
#include "starttls/lines.h"

#include <ctype.h>
#include <string.h>

/* The next line without its end; false at the end of the text. */
bool wt_lines_next(struct wt_span *rest, struct wt_span *line)
{
    if (!rest->n)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *line = wt_span_cut(*rest, 0, n && rest->p[n - 1] == '\r' ? n - 1 : n);
    *rest = wt_span_cut(*rest, end ? n + 1 : n, rest->n);
    return true;
}

bool wt_lines_begins(struct wt_span s, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if (i >= s.n || tolower(s.p[i]) != tolower((unsigned char)text[i]))
            return false;
    return true;
}

bool wt_lines_say(struct wt_span s, const char *text)
{
    for (size_t i = 0; i < s.n; i++)
        if (wt_lines_begins(wt_span_cut(s, i, s.n), text))
            return true;
    return false;
}

/* RFC 5321, 4.2.1, likewise in FTP and NNTP: the last line of a reply has its code and a space. */
bool wt_lines_ends_coded(struct wt_span line)
{
    return line.n >= 3 && isdigit(line.p[0]) && isdigit(line.p[1]) && isdigit(line.p[2]) &&
           (line.n == 3 || line.p[3] == ' ');
}

bool wt_lines_ends_pop3(struct wt_span line)
{
    return wt_lines_begins(line, "+OK") || wt_lines_begins(line, "-ERR");
}

/* The number, from 1, of the last of a client's lines with this prefix, and what comes after it; 0: none. */
unsigned wt_lines_asked(struct wt_span client, const char *command, struct wt_span *rest)
{
    struct wt_span line;
    unsigned n = 0, found = 0;
    while (wt_lines_next(&client, &line)) {
        n++;
        if (!wt_lines_begins(line, command))
            continue;
        found = n;
        *rest = client;
    }
    return found;
}
