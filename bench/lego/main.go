// Command lego-driver obtains certificates one after the other with lego's library packages, as a program built on them
// would: the account once, then Obtain by HTTP-01 with lego's own server for each certificate. It prints one JSON
// document with milliseconds. Trust for the CA's endpoint comes from LEGO_CA_CERTIFICATES, as with lego itself.
package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/certcrypto"
	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge/http01"
	"github.com/go-acme/lego/v5/lego"
	"github.com/go-acme/lego/v5/log"
	"github.com/go-acme/lego/v5/registration"
)

type user struct {
	key     crypto.Signer
	account *acme.ExtendedAccount
}

func (u *user) GetEmail() string                       { return "" }
func (u *user) GetRegistration() *acme.ExtendedAccount { return u.account }
func (u *user) GetPrivateKey() crypto.Signer           { return u.key }

type timings struct {
	AccountMs     float64   `json:"accountMs"`
	CertificateMs []float64 `json:"certificateMs"`
	TotalMs       float64   `json:"totalMs"`
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "lego-driver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	directory := flag.String("directory", "", "URL of the ACME directory")
	port := flag.String("port", "", "port on 127.0.0.1 for lego's HTTP-01 server")
	count := flag.Int("count", 1, "certificates to obtain, one after the other")
	name := flag.String("name", "lego-%d.example.com", "domain; %d is the number")
	out := flag.String("out", "", "folder for chain and key")
	flag.Parse()
	log.SetDefault(slog.New(slog.DiscardHandler))

	began := time.Now()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	account := &user{key: key}
	config := lego.NewConfig(account)
	config.CADirURL = *directory
	client, err := lego.NewClient(config)
	if err != nil {
		return err
	}
	if err := client.Challenge.SetHTTP01Provider(http01.NewProviderServer("127.0.0.1", *port)); err != nil {
		return err
	}
	account.account, err = client.Registration.Register(ctx, registration.RegisterOptions{TermsOfServiceAgreed: true})
	if err != nil {
		return err
	}
	result := timings{AccountMs: since(began)}
	for i := range *count {
		started := time.Now()
		domain := fmt.Sprintf(*name, i)
		if err := obtain(ctx, client, domain, *out); err != nil {
			return fmt.Errorf("%s: %w", domain, err)
		}
		result.CertificateMs = append(result.CertificateMs, since(started))
	}
	result.TotalMs = since(began)
	return json.NewEncoder(os.Stdout).Encode(result)
}

func obtain(ctx context.Context, client *lego.Client, domain, out string) error {
	resource, err := client.Certificate.Obtain(ctx, certificate.ObtainRequest{
		Domains: []string{domain},
		KeyType: certcrypto.EC256,
		Bundle:  true,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, domain+".crt"), resource.Certificate, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, domain+".key"), resource.PrivateKey, 0o600)
}

func since(t time.Time) float64 { return float64(time.Since(t).Microseconds()) / 1000 }
