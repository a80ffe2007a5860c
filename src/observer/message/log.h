/* Kept messages. */
#ifndef WT_OBSERVER_LOG_H
#define WT_OBSERVER_LOG_H

#include "wiretale/observer.h"

struct wt_observer;
struct wt_conversation;
struct wt_message_log;

/* The returned message is the log's own, for its maker to fill further; NULL when not kept. */
struct wt_message *wt_log_add(struct wt_observer *o, struct wt_conversation *c, struct wt_message message,
                              struct wt_span body);
const struct wt_message *wt_log_messages(const struct wt_message_log *log, size_t *count, size_t *dropped);
struct wt_message_log *wt_log_new(void);
/* Bytes that it takes. */
size_t wt_log_bytes(const struct wt_message_log *log);
void wt_log_free(struct wt_message_log *log);
/* Raw fingerprint strings, copied, to be kept with the messages; NULL: there is none. JA4's first letter becomes that of
 * the transport. */
void wt_log_client_strings(struct wt_message_log *log, const char *ja3, const char *ja4, char transport);
void wt_log_server_string(struct wt_message_log *log, const char *ja3s);
void wt_log_get_strings(const struct wt_message_log *log, const char **ja3, const char **ja3s, const char **ja4);
/* Before the story is told: in the order of their packets. */
void wt_log_sort(struct wt_message_log *log);
/* The sides change places. */
void wt_log_turn(struct wt_message_log *log);

#endif
