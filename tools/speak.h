/* What client and server have in common: how they are to speak, who they are, and whom they trust. */
#ifndef WIRETALE_TOOL_SPEAK_H
#define WIRETALE_TOOL_SPEAK_H

#include "names.h"
#include "psk.h"
#include "record.h"
#include "wiretale/endpoint.h"

enum { TOOL_IDENTITIES = 64 };
enum { TOOL_LOAD_MOST = 1 << 20 }; /* bytes: of a file that is read whole */

struct tool_speak {
    const struct tool_command *command;
    struct wt_endpoint_options options;
    struct tool_codes suites, groups, schemes;
    const char *alpn[TOOL_NAMES];
    size_t alpn_count;
    char *alpn_room;
    const char *cert[TOOL_IDENTITIES], *key[TOOL_IDENTITIES]; /* files, in pairs */
    size_t cert_count, key_count;
    struct wt_identity *identity[TOOL_IDENTITIES];
    struct tool_psks psks;
    struct wt_trust *trust;
    struct tool_look look;
    struct tool_record record;
    struct wt_output words, lines; /* standard error or output, and standard output */
    bool json, on_terminal; /* words go to one */
};

#define OPTIONS_OF_SPEAKING OPTION_VERSIONS, OPTION_SUITES, OPTION_GROUPS, OPTION_SCHEMES, OPTION_ALPN
#define OPTIONS_OF_PSKS OPTION_PSK_OWN, OPTION_PSK_FILE_OWN
#define OPTIONS_OF_JUDGING OPTION_CA, OPTION_CA_FILE, OPTION_CA_PATH, OPTION_UNTRUSTED, OPTION_AT, OPTION_SCT_LOGS

/* Takes an option that both have; false with the mending line printed. */
bool tool_speak_option(struct tool_speak *speak, const struct tool_arguments *arguments);
/* A whole file, TOOL_LOAD_MOST bytes of room, to be wiped and freed; NULL with the reason printed. */
char *tool_speak_load(const struct tool_command *command, const char *file, size_t *length);
/* What was read from there is secret: that others may read it is said. */
void tool_speak_private(const struct tool_command *command, const char *file);
/* Loads what was named, and fills in the options; `fd`: where words go. False with the reason printed. */
bool tool_speak_settle(struct tool_speak *speak, int fd);
/* Why a party could not be made. */
void tool_speak_refused(const struct tool_speak *speak, const struct wt_error *error);
void tool_speak_close(struct tool_speak *speak);

/* "TLS 1.3, TLS_AES_128_GCM_SHA256, x25519, http/1.1" */
void tool_speak_agreed(const struct wt_endpoint_info *info, char *out, size_t size);
/* A text from the wire that is safe to print, cut where there is no room. */
void tool_speak_bytes(struct wt_span wire, char *out, size_t size);
/* A paragraph behind a mark ("✓"). */
void tool_speak_say(struct tool_speak *speak, const char *mark, const char *text);
/* A string of JSON with its quotes. */
void tool_speak_quote(struct wt_output *out, const char *text);

#endif
