/* HTTP/1.1 over TLS (RFC 9112): GET and HEAD of the files of a folder, or, without one, a page that says what was
 * agreed on. Connections are kept for the next request. */
#include "server.h"

#include "memory.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 8192, PATH = 2048, CHUNK = 16384 };

/* A request as far as it came, and the answer that is on its way; there from the first byte of a request. */
struct exchange {
    size_t request; /* bytes of `head` */
    size_t at, n;   /* of `out` */
    uint64_t left;  /* bytes of the file */
    bool last;      /* the connection ends after this answer */
    char head[HEAD + 1], out[CHUNK];
};

/* --- answers ------------------------------------------------------------------------------------------------------ */

static const char *type_of(const char *path)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".htm", "text/html; charset=utf-8"},
        {".css", "text/css"},
        {".js", "text/javascript"},
        {".mjs", "text/javascript"},
        {".json", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/plain; charset=utf-8"},
        {".xml", "application/xml"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".pdf", "application/pdf"},
        {".wasm", "application/wasm"},
        {".woff2", "font/woff2"},
        {".gz", "application/gzip"},
        {".zip", "application/zip"},
        {".mp4", "video/mp4"},
        {".pem", "application/x-pem-file"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (!strcasecmp(dot, types[i].end))
            return types[i].type;
    return "application/octet-stream";
}

static void put(struct exchange *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct exchange *x, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const int n = vsnprintf(x->out + x->n, sizeof x->out - x->n, format, list);
    va_end(list);
    if (n > 0)
        x->n += (size_t)n < sizeof x->out - x->n ? (size_t)n : sizeof x->out - x->n - 1;
}

/* RFC 9110, 6.6.1: "An origin server with a clock ... MUST generate a Date header field in all 2xx (Successful), 3xx
 * (Redirection), and 4xx (Client Error) responses". */
static void put_head(struct exchange *x, const char *status, const char *type, uint64_t length)
{
    char date[40] = "";
    const time_t now = time(NULL);
    struct tm tm;
    if (gmtime_r(&now, &tm))
        (void)strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    put(x, "HTTP/1.1 %s\r\nDate: %s\r\nServer: wiretale\r\nContent-Type: %s\r\nContent-Length: %" PRIu64 "\r\n%s\r\n",
        status, date, type, length, x->last ? "Connection: close\r\n" : "");
}

static void put_page(struct exchange *x, const char *status, bool head, const char *text)
{
    put_head(x, status, "text/plain; charset=utf-8", strlen(text));
    if (!head)
        put(x, "%s", text);
}

static void put_status(struct exchange *x, const char *status, bool head)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s\n", status);
    put_page(x, status, head, text);
}

static void put_agreed(struct served *c, struct exchange *x, bool head)
{
    struct wt_endpoint_info info;
    char agreed[600], host[300], text[1200];
    wt_endpoint_info(c->e, &info);
    tool_speak_agreed(&info, agreed, sizeof agreed);
    tool_speak_bytes(info.host, host, sizeof host);
    (void)snprintf(text, sizeof text, "%s%s%s\n", agreed, *host ? ", " : "", host);
    put_page(x, "200 OK", head, text);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* RFC 3986, 2.1 and 3.3: the path without its query, relative to the root. False for what is none, or would leave it.
 */
static bool path_of(const char *target, char out[PATH])
{
    size_t n = 0;
    if (*target++ != '/')
        return false;
    for (; *target && *target != '?' && *target != '#'; target++) {
        char c = *target;
        if (c == '%') {
            const int high = digit(target[1]), low = high < 0 ? -1 : digit(target[2]);
            if (low < 0)
                return false;
            c = (char)(high << 4 | low);
            target += 2;
        }
        if (!c || c == '\\' || n + 1 >= PATH)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    for (const char *p = out; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
        if (*p == '/' || (p[0] == '.' && (!p[1] || p[1] == '/' || (p[1] == '.' && (!p[2] || p[2] == '/')))))
            return false; /* empty and dot segments: nothing asks for them but who looks for a way out */
    return true;
}

/* A regular file below the root; no link on the way leads anywhere else: each part is opened by itself. */
static int open_below(int root, char *path, struct stat *st)
{
    int at = dup(root);
    for (char *part = path, *next; at >= 0 && *part; part = next) {
        char *slash = strchr(part, '/');
        next = slash ? slash + 1 : part + strlen(part);
        if (slash)
            *slash = '\0';
        const int below = openat(at, part, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (slash ? O_DIRECTORY : 0));
        const int error = errno;
        if (slash)
            *slash = '/';
        (void)close(at);
        at = below;
        errno = error;
    }
    if (at >= 0 && fstat(at, st) != 0) {
        (void)close(at);
        at = -1;
    }
    return at;
}

static int open_file(int root, char path[PATH], struct stat *st)
{
    size_t n = strlen(path);
    int fd = open_below(root, path, st);
    if (fd >= 0 && S_ISDIR(st->st_mode) && (!n || path[n - 1] == '/') && n + sizeof "index.html" <= PATH) {
        (void)close(fd);
        memcpy(path + n, "index.html", sizeof "index.html");
        fd = open_below(root, path, st);
    }
    if (fd >= 0 && !S_ISREG(st->st_mode)) {
        (void)close(fd);
        errno = ENOENT;
        fd = -1;
    }
    return fd;
}

static void put_file(struct server *s, struct served *c, struct exchange *x, const char *target, bool head)
{
    char path[PATH];
    struct stat st;
    if (!path_of(target, path)) {
        put_status(x, "400 Bad Request", head);
        return;
    }
    const int fd = open_file(s->root, path, &st);
    if (fd < 0) {
        put_status(x, errno == EACCES || errno == ELOOP ? "403 Forbidden" : "404 Not Found", head);
        return;
    }
    put_head(x, "200 OK", type_of(path), (uint64_t)st.st_size);
    if (head || st.st_size == 0) {
        (void)close(fd);
        return;
    }
    c->other = fd;
    x->left = (uint64_t)st.st_size;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

/* The field's value among the lines of a head; NULL: there is none. */
static const char *field(const char *lines, const char *name)
{
    const size_t n = strlen(name);
    for (const char *line = strchr(lines, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
        if (!strncasecmp(line + 1, name, n) && line[1 + n] == ':')
            return line + 2 + n + strspn(line + 2 + n, " \t");
    return NULL;
}

static bool begins(const char *text, const char *with)
{
    return text && !strncasecmp(text, with, strlen(with));
}

/* The first request of `head`, of which n bytes are its own. */
static void answer(struct server *s, struct served *c, struct exchange *x, size_t n)
{
    char method[16], target[PATH], version[16];
    char *request = x->head;
    const char after = request[n];
    request[n] = '\0';
    x->at = x->n = 0;
    const char *connection = field(request, "Connection"), *length = field(request, "Content-Length");
    const bool body = field(request, "Transfer-Encoding") || (length && *length != '0');
    if (strlen(request) != n || sscanf(request, "%15s %2047s %15s", method, target, version) != 3 ||
        !begins(version, "HTTP/1.")) {
        x->last = true;
        put_status(x, "400 Bad Request", false);
    } else {
        const bool head = !strcmp(method, "HEAD"), kept = version[7] == '1' && !begins(connection, "close");
        x->last = body || (!kept && !begins(connection, "keep-alive"));
        if (!head && strcmp(method, "GET") != 0)
            put_status(x, "405 Method Not Allowed", false);
        else if (s->www)
            put_file(s, c, x, target, head);
        else
            put_agreed(c, x, head);
    }
    request[n] = after;
    memmove(x->head, x->head + n, x->request - n);
    x->request -= n;
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static bool take_request(struct server *s, struct served *c, struct exchange *x)
{
    const struct wt_span data = server_data(c);
    size_t n = sizeof x->head - 1 - x->request;
    n = n < data.n ? n : data.n;
    if (n)
        memcpy(x->head + x->request, data.p, n);
    x->request += n;
    server_taken(c, n);
    const char *end = memmem(x->head, x->request, "\r\n\r\n", 4);
    if (end) {
        answer(s, c, x, (size_t)(end - x->head) + 4);
    } else if (x->request == sizeof x->head - 1) {
        x->at = x->n = 0;
        x->last = true;
        put_status(x, "431 Request Header Fields Too Large", false);
    }
    return n > 0 || end;
}

static bool send_answer(struct served *c, struct exchange *x)
{
    if (x->at == x->n && x->left) {
        const ssize_t n = read(c->other, x->out, x->left < CHUNK ? (size_t)x->left : CHUNK);
        x->at = 0;
        x->n = n > 0 ? (size_t)n : 0;
        x->left -= x->n;
        if (n <= 0) { /* it became shorter: its length was promised */
            x->left = 0;
            x->last = true;
        }
    }
    if (x->at < x->n && wt_endpoint_wants(c->e) & WT_TAKES_DATA) {
        const size_t n = wt_endpoint_write(c->e, x->out + x->at, x->n - x->at);
        x->at += n;
        return n > 0;
    }
    return false;
}

static void done(struct served *c, struct exchange *x)
{
    if (c->other >= 0)
        (void)close(c->other);
    c->other = -1;
    x->at = x->n = 0;
    c->closing |= x->last;
    if (x->request || c->closing)
        return;
    free(x); /* idle connections are many */
    c->state = NULL;
}

static bool www_turn(struct server *s, struct served *c)
{
    struct exchange *x = c->state;
    if (!x && server_data(c).n && !c->closing)
        c->state = x = tool_checked(calloc(1, sizeof *x));
    if (!x) {
        c->closing |= c->peer_ended;
        return false;
    }
    if (x->at < x->n || x->left) {
        const bool moved = send_answer(c, x);
        if (x->at == x->n && !x->left)
            done(c, x);
        return moved;
    }
    c->closing |= c->peer_ended && !server_data(c).n;
    return !c->closing && take_request(s, c, x);
}

const struct service server_www = {.turn = www_turn};

bool server_www_open(struct server *s)
{
    if (!s->www)
        return true;
    s->root = open(s->www, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->root < 0)
        tool_complain(s->speak.command, "%s: %s", s->www, wt_error_reason(errno));
    return s->root >= 0;
}
