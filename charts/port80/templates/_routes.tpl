{{/* Reaches the responders. */}}
{{- define "port80.istioDestination" -}}
- destination:
    host: {{ include "port80.serviceHost" . }}
    port: { number: {{ .Values.service.port }} }
{{- end }}

{{/*
The two rules of a VirtualService, challenges first. {root, status, port?}: port, when the Gateway object is somebody
else's and may have a server for 443, where the redirect would lead to itself.
*/}}
{{- define "port80.istioRules" -}}
- name: port80-challenge
  match:
    # With the slash at the end: /.well-known/acme-challenges is not ours.
    - uri: { prefix: /.well-known/acme-challenge/ }
      {{- with .port }}
      port: {{ . }}
      {{- end }}
  route:
    {{- include "port80.istioDestination" .root | nindent 4 }}
- name: port80-redirect
  {{- with .port }}
  match:
    - port: {{ . }}
  {{- end }}
  {{- if eq .root.Values.redirect.by "gateway" }}
  redirect:
    scheme: https
    redirectCode: {{ .status }}
    {{- $port := int .root.Values.redirect.httpsPort }}
    {{- if ne $port 443 }}
    port: {{ $port }}
    {{- end }}
  {{- else }}
  route:
    {{- include "port80.istioDestination" .root | nindent 4 }}
  {{- end }}
{{- end }}

{{/* {root, status}: what an HTTPRoute does with the rest. */}}
{{- define "port80.gatewayApiRules" -}}
- matches:
    - path: { type: PathPrefix, value: /.well-known/acme-challenge/ }
  backendRefs:
    {{- include "port80.gatewayApiBackend" .root | nindent 4 }}
- matches:
    - path: { type: PathPrefix, value: / }
  {{- if eq .root.Values.redirect.by "gateway" }}
  filters:
    - type: RequestRedirect
      requestRedirect:
        scheme: https
        # The default of the Gateway API is 302.
        statusCode: {{ .status }}
        {{- $port := int .root.Values.redirect.httpsPort }}
        {{- if ne $port 443 }}
        port: {{ $port }}
        {{- end }}
  {{- else }}
  backendRefs:
    {{- include "port80.gatewayApiBackend" .root | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "port80.gatewayApiBackend" -}}
- name: {{ include "port80.fullname" . }}
  namespace: {{ .Release.Namespace }}
  port: {{ .Values.service.port }}
{{- end }}
