/* Where the keys come from: options, SSLKEYLOGFILE, and the captures' own secrets blocks. */
#ifndef WIRETALE_TOOL_SECRETS_H
#define WIRETALE_TOOL_SECRETS_H

#include "options.h"
#include "wiretale/capture.h"
#include "wiretale/keys.h"

#include <sys/types.h>

struct tool_log;

/* Words of the command line, in their order. */
struct tool_words {
    const char **words;
    size_t n;
};
bool tool_words_add(struct tool_words *words, const char *word); /* false without memory */
/* The same with a copy, for words that are all copies: tool_words_free_copies() frees them. */
bool tool_words_add_copy(struct tool_words *words, const char *word);
void tool_words_free_copies(struct tool_words *words);

struct tool_secrets {
    struct wt_keys *keys; /* there in any case: captures may bring secrets of their own */
    const struct tool_command *command;
    struct tool_words logs, rsa_keys, sm2_keys, passwords, psks, psk_files;
    struct tool_log *open; /* key logs; as many as `logs` */
    const char *capture;   /* name of the one that is read */
    uint64_t faults;       /* lines that could not be used */
    bool live;
};

/* Takes one of the options that name keys; false without memory. */
bool tool_secrets_option(struct tool_secrets *secrets, const struct tool_arguments *arguments);
/* Makes the store and reads what was named; live: key logs stay open, and one that is not there yet is waited for.
 * `inputs` are the captures, of which one may be standard input. An exit status, with the reason printed. */
int tool_secrets_open(struct tool_secrets *secrets, const struct tool_command *command, bool live, char **inputs,
                      int count);
/* Secrets blocks of a capture are taken when they are met. */
void tool_secrets_listen(struct tool_secrets *secrets, struct wt_capture *capture, const char *name);
/* Reads what was written to the key logs since. */
void tool_secrets_poll(struct tool_secrets *secrets);
static inline bool tool_secrets_grow(const struct tool_secrets *secrets)
{
    return secrets->live && secrets->logs.n > 0;
}
/* Says how many lines were not named, and wipes everything. */
void tool_secrets_close(struct tool_secrets *secrets);

#endif
