{{/* Reaches the responders: route and retries of a rule. */}}
{{- define "port80.istioRoute" -}}
route:
  - destination:
      host: {{ include "port80.serviceHost" . }}
      port: { number: {{ .Values.service.port }} }
# What is lost with a pod that dies is asked of another one. Istio's default does not repeat a request whose connection broke,
# since it may have had an effect; ours have none. Without it a killed pod costs the CA's request, and the authorization.
retries:
  attempts: 3
  perTryTimeout: 3s
  retryOn: connect-failure,refused-stream,reset,unavailable,cancelled
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
  {{- include "port80.istioRoute" .root | nindent 2 }}
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
  {{- include "port80.istioRoute" .root | nindent 2 }}
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
