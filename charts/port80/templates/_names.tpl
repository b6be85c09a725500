{{- define "port80.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* At most 40 characters, so that every suffix fits. */}}
{{- define "port80.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains (include "port80.name" .) .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "port80.name" .) | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Of objects outside of our namespace, and in none: two releases in two namespaces may have the same name. */}}
{{- define "port80.outsideName" -}}
{{- $name := include "port80.fullname" . }}
{{- if eq $name .Release.Namespace }}{{ $name }}{{ else }}{{ printf "%s-%s" $name .Release.Namespace | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "port80.respondersService" -}}{{ include "port80.fullname" . }}-responder-pods{{- end }}

{{- define "port80.serviceHost" -}}{{ include "port80.fullname" . }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterDomain }}{{- end }}

{{- define "port80.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "port80.selectorLabels" -}}
app.kubernetes.io/name: {{ include "port80.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "port80.labels" -}}
{{ include "port80.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: port80
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* {root, name, namespace?, component?, annotations?} */}}
{{- define "port80.metadata" -}}
name: {{ .name }}
{{- if not .clusterWide }}
namespace: {{ .namespace | default .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "port80.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Whole seconds of a duration such as 5s, 1m or 500ms, rounded up. */}}
{{- define "port80.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int }}
{{- $unit := regexFind "[a-z]+$" . }}
{{- if eq $unit "ms" }}{{ div (add $number 999) 1000 }}
{{- else if eq $unit "s" }}{{ $number }}
{{- else if eq $unit "m" }}{{ mul $number 60 }}
{{- else if eq $unit "h" }}{{ mul $number 3600 }}
{{- else }}{{ mul $number 86400 }}{{ end }}
{{- end }}

{{/* From SIGTERM to the end of the last request. */}}
{{- define "port80.stopSeconds" -}}
{{- with .Values.listeners.stop }}
{{- add (include "port80.seconds" (.unreadyWait | default "5s") | int) (include "port80.seconds" (.drain | default "10s") | int) }}
{{- end }}
{{- end }}

{{/* Routes for hosts that nobody listed. With the gateway redirecting, `redirect.hosts: configured` has to be said there. */}}
{{- define "port80.anyHost" -}}
{{- if and .Values.routes.anyHost (not (and (eq .Values.redirect.by "gateway") (eq .Values.redirect.hosts "configured"))) }}true{{ end }}
{{- end }}
