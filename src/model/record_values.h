/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fields of a capability record yield: the getters of its table. `object` is a const
 * struct record; text that a getter has to make itself is valid until its next call.
 */
#pragma once

#include "src/model/field.h"
#include "src/model/value.h"

extern const struct field_words record_capability_words; /* SYS_NICE, CAP_SYS_NICE, 23 */
extern const struct field_words record_verdict_words;
extern const struct field_words record_reason_words; /* of a denial */

struct value record_get_node(const void *object);
struct value record_get_namespace(const void *object);
struct value record_get_pod(const void *object);
struct value record_get_container(const void *object);
struct value record_get_timestamp(const void *object);
struct value record_get_type(const void *object);
struct value record_get_message(const void *object);
struct value record_get_runtime(const void *object);
struct value record_get_container_id(const void *object);
struct value record_get_short_id(const void *object);
struct value record_get_image(const void *object);
struct value record_get_labels(const void *object);
struct value record_get_pid(const void *object);
struct value record_get_tid(const void *object);
struct value record_get_comm(const void *object);
struct value record_get_syscall(const void *object);
struct value record_get_uid(const void *object);
struct value record_get_gid(const void *object);
struct value record_get_capability(const void *object);
struct value record_get_capability_name(const void *object);
struct value record_get_meaning(const void *object);
struct value record_get_audit(const void *object);
struct value record_get_audit_inferred(const void *object);
struct value record_get_verdict(const void *object);
struct value record_get_insetid(const void *object);
struct value record_get_mount_namespace(const void *object);
struct value record_get_cgroup_id(const void *object);
struct value record_get_cgroup_path(const void *object);
struct value record_get_unit(const void *object);
struct value record_get_user_unit(const void *object);
struct value record_get_target_userns(const void *object);
struct value record_get_current_userns(const void *object);
struct value record_get_target_level(const void *object);
struct value record_get_current_level(const void *object);
struct value record_get_caps(const void *object);
struct value record_get_caps_names(const void *object);
struct value record_get_reason(const void *object);
struct value record_get_explanation(const void *object);
struct value record_get_permitted(const void *object);
struct value record_get_bounding(const void *object);
struct value record_get_euid(const void *object);
struct value record_get_setup(const void *object);
struct value record_get_overridden(const void *object);
struct value record_get_foreign(const void *object);
struct value record_get_kernel_stack(const void *object);
struct value record_get_user_stack(const void *object);
