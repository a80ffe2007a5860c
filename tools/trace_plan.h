/* Where a program passes its secrets by, as its file tells. */
#ifndef WIRETALE_TOOL_TRACE_PLAN_H
#define WIRETALE_TOOL_TRACE_PLAN_H

#include "trace_code.h"
#include "trace_elf.h"

enum { TOOL_TRACE_POINTS = 4 }; /* of one program: more copies of crypto/tls are in none */

/* How the function at a point gets what it is called with. */
enum tool_trace_call {
    TOOL_CALL_GO,        /* Go's writeKeyLog(label string, clientRandom, secret []byte), a method */
    TOOL_CALL_KEYLOG,    /* OpenSSL's nss_keylog_int(label, ssl, random, its length, secret, its length) */
    TOOL_CALL_OPENSSL,   /* OpenSSL's ssl_log_secret(ssl, label, secret, its length) … */
    TOOL_CALL_HELLO,     /* … and ssl_fill_hello_random(ssl, server, random, its length), called before it */
    TOOL_CALL_BORINGSSL, /* BoringSSL's ssl_log_secret(ssl, label, secret, its length) */
};

enum tool_trace_program {
    TOOL_PROGRAM_OTHER,   /* nothing of TLS is in it */
    TOOL_PROGRAM_LIBRARY, /* it is linked with libssl: no breakpoint is of use */
    TOOL_PROGRAM_POINTS,  /* it passes its secrets by these points */
    TOOL_PROGRAM_NAMELESS /* TLS is in it, and no name of a function that tells where its secrets pass */
};

struct tool_trace_plan {
    enum tool_trace_program program;
    uint64_t entry; /* where the file says that the program begins: by it one sees how far it was moved */
    bool moved;     /* it may be loaded anywhere */
    unsigned n;
    struct tool_trace_point {
        enum tool_trace_call call;
        uint64_t address; /* before it is moved */
        uint64_t offset;  /* the same place in the file */
        uint8_t code[TOOL_CODE_INSTRUCTION];
        uint8_t n_code;
        /* where there is room for its first instruction, which is executed there, so that the breakpoint stays where it
         * is and no other thread passes it unseen */
        uint64_t aside;
        uint8_t moved[TOOL_CODE_MOVED];
        uint8_t n_moved; /* 0: there is no such room, or the instruction is not known; it can have no breakpoint */
    } points[TOOL_TRACE_POINTS];
};

/* False: this is no program for this machine. */
bool tool_trace_plan(const struct tool_elf_bytes *bytes, struct tool_trace_plan *plan);

#endif
