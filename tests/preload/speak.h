/* A client on libssl, in two steps, so that something can happen between them. */
#ifndef TESTS_PRELOAD_SPEAK_H
#define TESTS_PRELOAD_SPEAK_H

typedef void speak_line(const char *line);

/* An SSL_CTX; with a key-log callback of its own that calls `own`, unless that is NULL. NULL: it failed. */
void *speak_begin(speak_line *own);
/* One connection to that port of 127.0.0.1, until the other side ends it; frees the SSL_CTX. 0: it was well. */
int speak_end(void *context, int port);

#endif
