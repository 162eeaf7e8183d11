/* SPDX-License-Identifier: MIT */
/* put.h - the values of a config.json that is being made; what a chain and the options of
 * "new" say in the same way. Memory that is not there ends the tool (words.h). */
#ifndef COMMON_OCI_PUT_H
#define COMMON_OCI_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "fs/mount.h"

struct json_object;

/* Set a member, which then belongs to o. Returns value. */
struct json_object *put(struct json_object *o, const char *key, struct json_object *value);
void put_string(struct json_object *o, const char *key, const char *value);
void put_uint(struct json_object *o, const char *key, uint64_t value);
void put_int(struct json_object *o, const char *key, int64_t value);
void put_true(struct json_object *o, const char *key);

/* The member, made as an empty object or array when it is not there. */
struct json_object *put_object(struct json_object *o, const char *key);
struct json_object *put_array(struct json_object *o, const char *key);

/* Append a string to an array. */
void put_word(struct json_object *array, const char *word);

/* Append {"containerID": ..., "hostID": ..., "size": ...} to an array. */
void put_range(struct json_object *array, uint32_t inside, uint32_t host, uint32_t count);

/* Append to `mounts`; options: joined by commas, of which "\," is none. */
void put_mount(struct json_object *mounts, const char *type, const char *source, const char *dir, const char *options);

/* The same for a planned row of a filesystem or a bind. The source of a bind is written as
 * the path that it is, from / on: the bundle's directory is another place. */
void put_row(struct json_object *mounts, const struct mount_row *row);

/* Set a member to the names of the capabilities in the mask: ["CAP_CHOWN", ...]. */
void put_caps(struct json_object *o, const char *key, uint64_t mask);

/* The seccomp profile in the file, of Docker's form or of OCI's or within a config.json, as
 * the linux.seccomp of a program whose bounding set is `caps`: what is said under conditions
 * is there if they hold here and now, as Docker does it. BPF: *ret is NULL (it has no words
 * for a config.json). "-" is standard input. Returns 0 or a fault. */
int put_seccomp(const char *path, uint64_t caps, struct json_object **ret, struct fault *f);

#endif
